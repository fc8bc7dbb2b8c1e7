// The device entry and the client beside it; `?package=` loads them from another folder.
const folder = new URLSearchParams(location.search).get('package') ?? '/pkg';
const [device, Perse] = await Promise.all([import(`${folder}/device.js`), import(`${folder}/index.js`)]);
Perse.configure({ warn: false });
device.configure({ warn: false });

const photo = async (name) => (await fetch(`/build/device-test/${name}.jpg`)).blob();

window.lab = { device, Perse, photo };
