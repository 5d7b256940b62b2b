import type { UploadOptions } from 'nestjs-private-storage';
import { settings } from './settings.js';

/** The most that a request may hold, in bytes: a file, and room for the text beside it. */
export const MAX_BODY_SIZE = settings.maxFileSize + 1024 * 1024;

/**
 * Apache reads an answer only when it has passed the whole body on. So behind it a refused upload is read to its end,
 * or the client would see a 502; what is longer than any upload may be Apache refuses itself (web-server/apache.ts).
 */
export const uploads: UploadOptions =
  settings.fileServer === 'apache' ? { discardBytes: MAX_BODY_SIZE, discardTime: 300_000 } : {};
