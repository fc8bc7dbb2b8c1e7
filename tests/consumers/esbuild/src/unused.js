import 'perse-wasm';
import { face } from 'perse-wasm';
import * as Perse from 'perse-wasm/slim';
