// The HTTP API for its page, as the sandbox describes it (scripts/docs.mjs writes the file).
import { readFileSync } from 'node:fs';

/** The order of a first use; what is not named comes after it. */
const FIRST = ['login', 'detect', 'compare', 'enrol'];

export default {
  watch: ['../build/openapi.json'],
  load: () => describe(JSON.parse(readFileSync(new URL('../build/openapi.json', import.meta.url), 'utf8'))),
};

/** Returns the operations and the types of their responses, ready to be shown. */
function describe({ paths, components, servers }) {
  const rank = ({ id }) => (FIRST.includes(id) ? FIRST.indexOf(id) : FIRST.length);
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({
      id: operation.operationId,
      title: `${method.toUpperCase()} ${servers[0].url}${path}`,
      summary: operation.summary,
      access: words(operation.security.length > 0 ? operation.description : 'Needs no token.'),
      takes: [
        ...operation.parameters.map((part) => ({ ...part, place: part.in, text: words(part.description) })),
        ...bodies(schemaOf(operation.requestBody)),
      ],
      gives: fields(schemaOf(operation.responses[200])),
      fails: Object.entries(operation.responses)
        .filter(([status]) => status !== '200')
        .map(([status, response]) => ({
          status,
          codes: schemaOf(response).allOf[1].properties.code.enum,
        })),
    })),
  );
  const used = new Set(operations.flatMap(({ gives }) => gives.flatMap(({ link }) => link ?? [])));
  // A type is listed after the first that has a field of it.
  for (const name of used) for (const { link } of fields(components.schemas[name])) if (link) used.add(link);
  const types = [...used].map((name) => {
    const schema = components.schemas[name];
    return { name, text: words(schema.description), fields: fields(schema) };
  });
  return { operations: operations.sort((a, b) => rank(a) - rank(b)), types };

  function schemaOf(part) {
    return Object.values(part?.content ?? {})[0]?.schema;
  }

  function resolve(schema) {
    return schema.$ref ? components.schemas[nameOf(schema)] : schema;
  }

  function nameOf({ $ref }) {
    return $ref.split('/').at(-1);
  }

  /** Fields of a body that may have one of several forms. */
  function bodies(schema) {
    const forms = schema?.oneOf ?? (schema ? [schema] : []);
    const found = new Map();
    for (const form of forms) {
      for (const [name, { description }] of Object.entries(form.properties)) {
        const required = forms.every((other) => other.required.includes(name));
        found.set(name, { name, place: 'body', text: words(description), required });
      }
    }
    return [...found.values()];
  }

  /** Fields of a response, of all schemas that it consists of. */
  function fields(schema) {
    const whole = resolve(schema);
    if (whole.allOf) return whole.allOf.flatMap(fields);
    const required = whole.required ?? [];
    return Object.entries(whole.properties ?? {}).map(([name, property]) => {
      const item = property.type === 'array' ? property.items : property;
      return {
        name,
        required: required.includes(name),
        type: item.$ref ? nameOf(item) : item.type,
        many: property.type !== 'array' ? '' : property.maxItems ? ` × ${property.maxItems}` : ', any number',
        link: item.$ref && nameOf(item),
        text: words(property.description ?? 'The HTTP status.'),
      };
    });
  }
}

/** Returns the parts of a text, of which every second one is code. */
function words(text = '') {
  return text.split('`');
}
