import { connection } from 'next/server';
import Compare from './compare';

export default async function Page() {
  // The variable is read when the page is asked for, not when it is built.
  await connection();
  return (
    <main>
      <h1>Are these two photos of one person?</h1>
      <Compare baseUrl={process.env.PERSE_BASE_URL} />
    </main>
  );
}
