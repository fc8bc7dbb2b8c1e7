import { CUSTOM_ELEMENTS_SCHEMA, Component, provideZonelessChangeDetection, signal } from '@angular/core';
import { bootstrapApplication } from '@angular/platform-browser';
import 'perse-wasm/camera';
import type { PerseCameraEventMap } from 'perse-wasm/camera';
import { configure, face, setToken } from 'perse-wasm';

@Component({
  selector: 'app-login',
  // It has elements that are no components of Angular.
  schemas: [CUSTOM_ELEMENTS_SCHEMA],
  template: `
    <perse-camera (complete)="judge($event)"></perse-camera>
    <output id="result">{{ message() }}</output>
  `,
})
class Login {
  readonly message = signal('');

  async judge({ detail }: PerseCameraEventMap['complete']) {
    const result = await face.quality(detail.photos[0]!.blob, { enduserConsent: true });
    this.message.set(result.code);
  }
}

const settings = new URLSearchParams(location.search);
configure({ baseUrl: settings.get('api')! });
setToken(settings.get('token')!);
bootstrapApplication(Login, { providers: [provideZonelessChangeDetection()] });
