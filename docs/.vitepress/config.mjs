import { readFileSync } from 'node:fs';
import { defineConfig } from 'vitepress';

const messages = new URL('../../build/messages/en.json', import.meta.url);
const codes = new Set(Object.keys(JSON.parse(readFileSync(messages, 'utf8'))));

export default defineConfig({
  title: 'perse-wasm',
  description: 'Face verification in the browser',
  lang: 'en',
  base: process.env.DOCS_BASE ?? '/',
  outDir: '../build/docs',
  cacheDir: '../build/docs-cache',
  // Without a server that adds the ending.
  cleanUrls: false,
  // A site of its own has no files of the repository: `config` below makes text of these links.
  ignoreDeadLinks: [/^(\.\/)?\.\.\//],
  markdown: {
    theme: { light: 'github-light-high-contrast', dark: 'github-dark-high-contrast' },
    config: (md) => {
      md.core.ruler.push('repository-links', unlinkRepository);
      md.core.ruler.push('code-links', linkCodes);
    },
  },
  themeConfig: {
    search: { provider: 'local' },
    outline: [2, 3],
    nav: [
      { text: 'Start', link: '/start' },
      { text: 'Playground', link: '/playground' },
      { text: 'Methods', link: '/methods' },
      { text: 'Codes', link: '/errors' },
    ],
    sidebar: [
      {
        text: 'Use it',
        items: [
          { text: 'Start', link: '/start' },
          { text: 'Install', link: '/install' },
          { text: 'Your server', link: '/server' },
          { text: 'Photos', link: '/photos' },
          { text: 'The camera', link: '/camera' },
          { text: 'Faces on the device', link: '/device' },
          { text: 'Recipes', link: '/recipes' },
          { text: 'Playground', link: '/playground' },
          { text: 'The demo', link: '/demo' },
          { text: 'Coming from Perse.js', link: '/perse-js' },
        ],
      },
      {
        text: 'Look it up',
        items: [
          { text: 'Methods', link: '/methods' },
          { text: 'When things go wrong', link: '/errors' },
          { text: 'Troubleshooting', link: '/troubleshooting' },
          { text: 'The sandbox', link: '/sandbox' },
          { text: 'HTTP API', link: '/http' },
          { text: 'Run it yourself', link: '/self-hosting' },
          { text: 'Scaling', link: '/scaling' },
          { text: 'The core alone', link: '/core' },
          { text: 'Declarations', link: '/api/typescript/index.html', target: '_self' },
          { text: 'Crates', link: '/api/rust/perse_wasm/index.html', target: '_self' },
        ],
      },
      {
        text: 'Rely on it',
        items: [
          { text: 'Who trusts whom', link: '/trust' },
          { text: 'Privacy', link: '/privacy' },
          { text: 'Accuracy', link: '/accuracy' },
          { text: 'Evaluate it', link: '/evaluating' },
          { text: 'Model card', link: '/model-card' },
        ],
      },
    ],
  },
});

/** Links that leave `docs/` become text. */
function unlinkRepository({ tokens }) {
  for (const { children } of tokens) {
    let isOutside = false;
    for (const token of children ?? []) {
      if (token.type === 'link_open') isOutside = token.attrGet('href').startsWith('../');
      if (!isOutside || !token.type.startsWith('link_')) continue;
      token.tag = 'span';
      token.attrs = token.type === 'link_open' ? [['title', 'a folder of the repository']] : null;
    }
  }
}

/** Codes in the tables of the page about them become links to their own pages. */
function linkCodes({ tokens, env, Token }) {
  if (env.relativePath !== 'errors.md') return;
  for (const [index, token] of tokens.entries()) {
    if (tokens[index - 1]?.type !== 'td_open') continue;
    token.children = token.children.flatMap((child) => {
      if (child.type !== 'code_inline' || !codes.has(child.content)) return child;
      const open = new Token('link_open', 'a', 1);
      open.attrs = [['href', `./codes/${child.content}.md`]];
      return [open, child, new Token('link_close', 'a', -1)];
    });
  }
}
