/** The messages in Portuguese, in a chunk of their own. */
export { default } from '../../build/messages/pt.json';
