/** The messages in Spanish, in a chunk of their own. */
export { default } from '../../build/messages/es.json';
