/**
 * The script tag's entry: sets the global `PerseCamera`, and puts `capture` and `openCamera` on the global
 * `Perse` if its script came before.
 */
import * as camera from '../camera.js';

const page = globalThis as { PerseCamera?: typeof camera; Perse?: object };
page.PerseCamera = camera;
const { capture, openCamera } = camera;
if (page.Perse && Object.isExtensible(page.Perse)) Object.assign(page.Perse, { capture, openCamera });
