/** Words of the camera in English, Brazilian Portuguese and Spanish. */
import { own } from '../own.js';
import type { CameraErrorCode, CameraWarningCode } from './errors.js';
import type { Direction, HintCode } from './guidance.js';

/** Languages, in the order of the table. */
const LANGUAGES = ['en', 'pt', 'es'];

type Texts = readonly [english: string, portuguese: string, spanish: string];

type Code = CameraErrorCode | CameraWarningCode | HintCode;

/** Keeps the keys in the type and the texts out of the package's declarations; no code may lack a text. */
const texts = <Key extends string>(
  table: Record<Key, Texts> & Record<Code, Texts>,
): Readonly<Record<Key | Code, Texts>> => table;

const TABLE = texts({
  // Hints
  several_faces: ['Only one person, please', 'Apenas uma pessoa, por favor', 'Solo una persona, por favor'],
  no_face: ['Look into the camera', 'Olhe para a câmera', 'Mira a la cámara'],
  too_far: ['Move closer', 'Chegue mais perto', 'Acércate'],
  too_close: ['Move back a little', 'Afaste-se um pouco', 'Aléjate un poco'],
  out_of_roi: ['Move to the middle', 'Vá para o centro', 'Ponte en el centro'],
  off_center: ['Move to the middle', 'Vá para o centro', 'Ponte en el centro'],
  off_center_left: [
    'Move a little to your left',
    'Vá um pouco para a sua esquerda',
    'Muévete un poco a tu izquierda',
  ],
  off_center_right: [
    'Move a little to your right',
    'Vá um pouco para a sua direita',
    'Muévete un poco a tu derecha',
  ],
  off_center_up: ['Move up a little', 'Suba um pouco', 'Sube un poco'],
  off_center_down: ['Move down a little', 'Desça um pouco', 'Baja un poco'],
  too_dark: [
    'It is too dark. Face a light',
    'Está muito escuro. Vire-se para a luz',
    'Está muy oscuro. Ponte frente a una luz',
  ],
  too_bright: [
    'It is too bright. Turn away from the light',
    'Está muito claro. Saia da luz direta',
    'Hay demasiada luz. Evita la luz directa',
  ],
  turn_left: [
    'Turn your head a little to your left',
    'Vire a cabeça um pouco para a sua esquerda',
    'Gira la cabeza un poco a tu izquierda',
  ],
  turn_right: [
    'Turn your head a little to your right',
    'Vire a cabeça um pouco para a sua direita',
    'Gira la cabeza un poco a tu derecha',
  ],
  tilt: ['Hold your head upright', 'Mantenha a cabeça reta', 'Mantén la cabeza recta'],
  chin: ['Look straight ahead', 'Olhe para a frente', 'Mira al frente'],
  chin_up: ['Raise your chin a little', 'Levante um pouco o queixo', 'Levanta un poco el mentón'],
  chin_down: ['Lower your chin a little', 'Abaixe um pouco o queixo', 'Baja un poco el mentón'],
  eyes_closed: ['Open your eyes', 'Abra os olhos', 'Abre los ojos'],
  blurred: [
    'Hold still. The picture is blurred',
    'Fique parado. A imagem está borrada',
    'No te muevas. La imagen está borrosa',
  ],
  hold_still: ['Hold still', 'Não se mexa', 'No te muevas'],
  ready: ['Looks good. Take the photo', 'Está bom. Tire a foto', 'Se ve bien. Toma la foto'],
  look_left: [
    'Turn your head far to your left',
    'Vire bem a cabeça para a sua esquerda',
    'Gira mucho la cabeza a tu izquierda',
  ],
  look_right: [
    'Turn your head far to your right',
    'Vire bem a cabeça para a sua direita',
    'Gira mucho la cabeza a tu derecha',
  ],
  smile: ['Now smile', 'Agora sorria', 'Ahora sonríe'],
  blink: ['Now blink', 'Agora pisque', 'Ahora parpadea'],
  captured: ['Photo taken', 'Foto tirada', 'Foto tomada'],

  // Failures
  camera_denied: [
    "The camera is blocked. Allow it in the browser's address bar or settings, then try again.",
    'A câmera está bloqueada. Permita-a na barra de endereço ou nas configurações do navegador e tente de novo.',
    'La cámara está bloqueada. Permítela en la barra de direcciones o en los ajustes del navegador e inténtalo de nuevo.',
  ],
  camera_blocked_by_page: [
    'This page may not use the camera. Open it in its own tab, or choose a photo.',
    'Esta página não pode usar a câmera. Abra-a em uma aba própria ou escolha uma foto.',
    'Esta página no puede usar la cámara. Ábrela en su propia pestaña o elige una foto.',
  ],
  camera_not_found: [
    'No camera was found. Connect one, or choose a photo.',
    'Nenhuma câmera foi encontrada. Conecte uma ou escolha uma foto.',
    'No se encontró ninguna cámara. Conecta una o elige una foto.',
  ],
  camera_in_use: [
    'The camera did not start. Close other programs that use it, then try again.',
    'A câmera não iniciou. Feche outros programas que a usam e tente de novo.',
    'La cámara no se inició. Cierra otros programas que la usen e inténtalo de nuevo.',
  ],
  camera_not_suitable: [
    'No camera of this device fits. Choose a photo.',
    'Nenhuma câmera deste aparelho serve. Escolha uma foto.',
    'Ninguna cámara de este dispositivo sirve. Elige una foto.',
  ],
  insecure_context: [
    'The camera needs a secure page. Open the address that begins with https://.',
    'A câmera precisa de uma página segura. Abra o endereço que começa com https://.',
    'La cámara necesita una página segura. Abre la dirección que empieza por https://.',
  ],
  camera_unsupported: [
    'This browser has no camera for pages. Open the page in your usual browser, or choose a photo.',
    'Este navegador não oferece a câmera às páginas. Abra a página no seu navegador habitual ou escolha uma foto.',
    'Este navegador no da la cámara a las páginas. Abre la página en tu navegador habitual o elige una foto.',
  ],
  camera_disconnected: [
    'The camera was disconnected. Connect it, then try again.',
    'A câmera foi desconectada. Conecte-a e tente de novo.',
    'La cámara se desconectó. Conéctala e inténtalo de nuevo.',
  ],
  camera_no_picture: [
    'The camera shows no picture. Uncover it, or choose another one.',
    'A câmera não mostra imagem. Descubra-a ou escolha outra.',
    'La cámara no muestra imagen. Destápala o elige otra.',
  ],
  capture_timeout: [
    'No photo was taken in time. Try again, or use the button.',
    'Nenhuma foto foi tirada a tempo. Tente de novo ou use o botão.',
    'No se tomó ninguna foto a tiempo. Inténtalo de nuevo o usa el botón.',
  ],
  aborted: ['The camera is off.', 'A câmera está desligada.', 'La cámara está apagada.'],
  internal_error: [
    'The camera failed. Try again, or choose a photo.',
    'A câmera falhou. Tente de novo ou escolha uma foto.',
    'La cámara falló. Inténtalo de nuevo o elige una foto.',
  ],

  // Warnings
  models_unavailable: [
    'Guidance could not be loaded. Take the photo with the button.',
    'A orientação não pôde ser carregada. Tire a foto com o botão.',
    'No se pudo cargar la guía. Toma la foto con el botón.',
  ],
  wasm_unavailable: [
    'Guidance does not work here. Take the photo with the button.',
    'A orientação não funciona aqui. Tire a foto com o botão.',
    'La guía no funciona aquí. Toma la foto con el botón.',
  ],
  torch_unavailable: ['This camera has no light.', 'Esta câmera não tem luz.', 'Esta cámara no tiene luz.'],
  camera_replaced: ['Another camera is used.', 'Outra câmera está em uso.', 'Se usa otra cámara.'],
  low_resolution: [
    'The photo is small. A better camera helps.',
    'A foto é pequena. Uma câmera melhor ajuda.',
    'La foto es pequeña. Una cámara mejor ayuda.',
  ],

  // The element
  label: ['Camera', 'Câmera', 'Cámara'],
  video_label: ['Picture of your camera', 'Imagem da sua câmera', 'Imagen de tu cámara'],
  intro_title: ['Take a photo of your face', 'Tire uma foto do seu rosto', 'Toma una foto de tu rostro'],
  intro_text: [
    'Find good light and hold the device at eye level. The camera turns off after the photo.',
    'Procure boa luz e segure o aparelho na altura dos olhos. A câmera desliga depois da foto.',
    'Busca buena luz y sostén el dispositivo a la altura de los ojos. La cámara se apaga tras la foto.',
  ],
  start: ['Open the camera', 'Abrir a câmera', 'Abrir la cámara'],
  requesting: [
    'Allow the camera when the browser asks',
    'Permita a câmera quando o navegador pedir',
    'Permite la cámara cuando el navegador lo pida',
  ],
  starting: ['The camera is starting', 'A câmera está iniciando', 'La cámara se está iniciando'],
  needs_gesture: ['Tap to show the picture', 'Toque para mostrar a imagem', 'Toca para mostrar la imagen'],
  show: ['Show the picture', 'Mostrar a imagem', 'Mostrar la imagen'],
  interrupted: [
    'The camera is paused. It goes on when you are back',
    'A câmera está em pausa. Ela continua quando você voltar',
    'La cámara está en pausa. Sigue cuando vuelvas',
  ],
  capturing: ['One moment', 'Um momento', 'Un momento'],
  by_hand: ['Take the photo with the button', 'Tire a foto com o botão', 'Toma la foto con el botón'],
  shoot: ['Take the photo', 'Tirar a foto', 'Tomar la foto'],
  cancel: ['Cancel', 'Cancelar', 'Cancelar'],
  switch: ['Switch camera', 'Trocar de câmera', 'Cambiar de cámara'],
  retry: ['Try again', 'Tentar de novo', 'Intentar de nuevo'],
  again: ['Take another photo', 'Tirar outra foto', 'Tomar otra foto'],
  choose_file: ['Choose a photo', 'Escolher uma foto', 'Elegir una foto'],
  bad_file: [
    'This file is not a photo. Choose a JPEG, PNG or WebP photo.',
    'Este arquivo não é uma foto. Escolha uma foto JPEG, PNG ou WebP.',
    'Este archivo no es una foto. Elige una foto JPEG, PNG o WebP.',
  ],
  failed_title: ['The camera is off', 'A câmera está desligada', 'La cámara está apagada'],
  face_found: ['Face found', 'Rosto encontrado', 'Rostro encontrado'],
  face_lost: ['Face lost', 'Rosto perdido', 'Rostro perdido'],
  done_label: ['Your photo', 'Sua foto', 'Tu foto'],
});

/** A text of the camera. */
export type MessageKey = keyof typeof TABLE;

/** Options of the words. */
export interface MessageOptions {
  /** The language: English, Portuguese or Spanish (`'pt-BR'`). @default the page's */
  locale?: string | undefined;
  /** The page's own texts; those that it doesn't name stay. */
  messages?: { readonly [key in MessageKey]?: string } | undefined;
}

/** Returns a text in the language of the options, else of the page, else in English. */
export function messageOf(key: MessageKey, options: MessageOptions, direction?: Direction): string {
  const general = key === 'out_of_roi' ? 'off_center' : key;
  const exact = `${general}_${direction}` as MessageKey;
  const words = own(options, 'messages');
  const wordOf = (key: string) => own(words, key) as string | undefined;
  const tag =
    (own(options, 'locale') as string | undefined) || globalThis.document?.documentElement?.lang || 'en';
  const language = LANGUAGES.indexOf(tag.toLowerCase().split(/[-_]/)[0]!);
  const text = (direction && (TABLE as { [key in MessageKey]?: Texts })[exact]) || TABLE[general];
  return (direction && wordOf(exact)) || wordOf(key) || text[Math.max(0, language)]!;
}
