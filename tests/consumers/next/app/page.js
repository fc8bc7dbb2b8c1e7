// A server component: it may import the package, too.
import { isPerseError } from 'perse-wasm';
import Compare from './compare';

export default function Page() {
  return (
    <main data-server={typeof isPerseError}>
      <Compare />
    </main>
  );
}
