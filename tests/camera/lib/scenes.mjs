// Scenes before the camera in the tests: ten of one person, made from a sample photo, with
// the hint that each has to give. The engine has to find them by itself; `report` is what an analyser
// says of each, for the tests of everything around it.
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import sharp from 'sharp';

export const WIDTH = 640;
export const HEIGHT = 480;
/** Sizes at which a scene is told from the others: by its colours, and by how sharp it is. */
const THUMB = [16, 12];
const DETAIL = [160, 120];

const samples = join(
  dirname(createRequire(import.meta.url).resolve('@vladmandic/face-api/package.json')),
  'demo',
);

const crop = (sample, [left, top, width, height]) =>
  sharp(join(samples, `sample${sample}.jpg`))
    .extract({ left, top, width, height })
    .resize(WIDTH, HEIGHT);

const person = () => crop(3, [850, 130, 640, 480]);
const wall = () => crop(6, [0, 0, 420, 315]);

/** A smaller person in front of the wall. */
async function onWall(scale, left, top) {
  const [width, height] = [Math.round(WIDTH * scale), Math.round(HEIGHT * scale)];
  const small = await sharp(await person().png().toBuffer())
    .resize(width, height)
    .toBuffer();
  // Whatever would stick out is cut off.
  const inside = await sharp(small)
    .extract({
      left: Math.max(0, -left),
      top: Math.max(0, -top),
      width: Math.min(width, WIDTH - left) - Math.max(0, -left),
      height: Math.min(height, HEIGHT - top) - Math.max(0, -top),
    })
    .toBuffer();
  return wall().composite([{ input: inside, left: Math.max(0, left), top: Math.max(0, top) }]);
}

const after = async (image, change) => change(sharp(await image.png().toBuffer()));

const BRIGHT = { underexposure: 0.1, overexposure: 0.2, sharpness: 0.5 };
const FACE = { x: 235, y: 85, width: 215, height: 290 };

/** A face as an analyser reports it; the points lie on its outline, which is all that is drawn of them. */
export function faceAt(box = FACE, changes = {}) {
  const points = Array.from({ length: 68 }, (_, index) => {
    const angle = (index / 68) * 2 * Math.PI;
    return [
      box.x + (box.width / 2) * (1 + 0.9 * Math.cos(angle)),
      box.y + (box.height / 2) * (1 + 0.9 * Math.sin(angle)),
    ];
  }).flat();
  return {
    ...{ box, points, yaw: 4, pitch: 2, roll: -3, quality: BRIGHT },
    ...{ eyes: { left: 0.6, right: 0.6 }, mouth: 0.63, ...changes },
  };
}

/** A report on a frame of {@link WIDTH} × {@link HEIGHT}. */
export const reportOf = (faces = [faceAt()], { exposure = BRIGHT, searched = true } = {}) => ({
  ...{ width: WIDTH, height: HEIGHT, faces, searched, exposure },
});

const scaled = (scale, left, top) => ({
  x: left + FACE.x * scale,
  y: top + FACE.y * scale,
  width: FACE.width * scale,
  height: FACE.height * scale,
});

/** The scenes. The hint's name is the scene's, unless `hint` says otherwise. */
export const SCENES = [
  { name: 'no_face', image: wall, report: reportOf([]) },
  { name: 'too_far', image: () => onWall(0.3, 220, 170), report: reportOf([faceAt(scaled(0.3, 220, 170))]) },
  {
    name: 'too_close',
    image: () => crop(3, [1030, 180, 360, 270]),
    report: reportOf([faceAt({ x: 60, y: 40, width: 420, height: 500 })]),
  },
  {
    name: 'off_center',
    image: () => onWall(0.75, -140, 60),
    report: reportOf([faceAt(scaled(0.75, -140, 60))]),
  },
  {
    name: 'dark',
    hint: 'too_dark',
    image: () => after(person(), (image) => image.linear(0.12, 0)),
    report: reportOf([], { exposure: { underexposure: 1, overexposure: 0, sharpness: 0.05 } }),
  },
  {
    name: 'bright',
    hint: 'too_bright',
    image: () => after(person(), (image) => image.linear(2.4, 60)),
    report: reportOf([faceAt(FACE, { quality: { ...BRIGHT, overexposure: 0.9 } })]),
  },
  {
    name: 'blurred',
    image: () => after(person(), (image) => image.blur(7)),
    report: reportOf([faceAt(FACE, { quality: { ...BRIGHT, sharpness: 0.03 } })]),
  },
  {
    name: 'turned',
    // She looks to the image's left, her right.
    hint: 'turn_left',
    image: () => crop(2, [160, 30, 640, 480]),
    report: reportOf([faceAt({ x: 200, y: 110, width: 220, height: 290 }, { yaw: -42 })]),
  },
  {
    name: 'several',
    hint: 'several_faces',
    image: () => crop(3, [480, 100, 1280, 960]),
    report: reportOf([faceAt(scaled(0.5, 190, 0)), faceAt(scaled(0.5, 400, 30))]),
  },
  { name: 'good', hint: 'hold_still', image: person, report: reportOf() },
].map((scene) => ({ hint: scene.name, ...scene }));

/**
 * Writes what the tests play, into a folder: a JPEG of each scene, `scenes.json` with hints, reports and
 * thumbnails, and `scenes.mjpeg`, each scene for `seconds`, which Chromium's fake camera plays at 30
 * frames a second, again and again.
 */
export async function writeScenes(folder, { seconds = 2, order = SCENES.map(({ name }) => name) } = {}) {
  await mkdir(folder, { recursive: true });
  const made = await Promise.all(
    SCENES.map(async ({ name, hint, image, report }) => {
      const jpeg = await (await image()).jpeg({ quality: 92 }).toBuffer();
      await writeFile(join(folder, `${name}.jpg`), jpeg);
      const [thumb, pixels] = await Promise.all(
        [THUMB, DETAIL].map((size) =>
          sharp(jpeg)
            .resize(...size, { fit: 'fill' })
            .removeAlpha()
            .raw()
            .toBuffer(),
        ),
      );
      return { name, hint, report, thumb: [...thumb], detail: detailOf(pixels, 3), jpeg };
    }),
  );
  const film = order.flatMap((name) => {
    const { jpeg } = made.find((scene) => scene.name === name);
    return Array(30 * seconds).fill(jpeg);
  });
  await writeFile(join(folder, 'scenes.mjpeg'), Buffer.concat(film));
  const table = made.map(({ jpeg, ...scene }) => scene);
  await writeFile(join(folder, 'scenes.json'), JSON.stringify(table));
}

/** A film of one scene alone, for Chromium's fake camera. */
export async function writeFilm(folder, name) {
  const jpeg = await readFile(join(folder, `${name}.jpg`));
  const path = join(folder, `${name}.mjpeg`);
  await writeFile(path, Buffer.concat(Array(30).fill(jpeg)));
  return path;
}

/** Mean difference of neighbours in a row, of green. */
function detailOf(pixels, channels) {
  let sum = 0;
  for (let i = 1; i + channels < pixels.length; i += channels)
    sum += Math.abs(pixels[i] - pixels[i + channels]);
  return sum / (pixels.length / channels);
}
