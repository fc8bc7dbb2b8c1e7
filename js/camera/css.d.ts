/** The build minifies style sheets and passes them on as text. */
declare module '*.css' {
  const text: string;
  export default text;
}
