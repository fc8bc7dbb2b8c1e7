/**
 * The weights of the networks that guide. They travel as a module, because every bundler finds modules: a file
 * beside them would have to be copied, named and allowed by hand in some.
 */
export { default } from 'inline:capture.bin.gz';
