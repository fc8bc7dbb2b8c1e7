// The module of the face engine is an engine, and so is any object with its two methods.
import { createPerse, type DetectResult, type Engine } from 'perse-wasm';
import * as device from 'perse-wasm/device';

const photo = new Blob();
await device.load({ recognition: true });
const found: DetectResult = await device.detect(photo, { timeout: 5_000 });
if (found.status) console.log(found.source === 'device', found.totalFaces);
const { code }: { code: string } = await device.verify(photo, photo, { enduserConsent: true });
device.configure({ locale: 'es' });
device.dispose();

const own: Engine = {
  detectFaces: (photo, signal) => device.detectFaces(photo, signal),
  compareFaces: device.compareFaces,
};
for (const engine of [device, own]) {
  const perse = createPerse({ engine });
  console.log(code, await perse.face.quality(photo));
}
