import { ConfigurationError } from '../../lib/private-storage.errors.js';
import { MemoryStorage } from '../../lib/storage/memory-storage.js';
import { PrivateFileInterceptor } from '../../lib/upload/private-file.interceptor.js';
import { uploadOptions, type UploadOptions } from '../../lib/upload/upload-options.js';
import { startUploads } from './upload-app.js';

describe('the options of uploads', () => {
  it('have safe defaults', () => {
    expect(uploadOptions()).toEqual({
      maxFileSize: 104_857_600,
      maxTotalSize: undefined,
      maxFields: 100,
      maxFieldSize: 65_536,
      maxFieldNameSize: 200,
      maxHeaderSize: 8192,
      idleTimeout: 30_000,
      checksum: true,
      discardBytes: 16_777_216,
      discardTime: 5000,
    });
  });

  it.each([
    [{ maxSize: 1 }, /unknown option "maxSize"; there are: maxFileSize/],
    [
      { maxFileSize: 'large' },
      /uploads: maxFileSize is a number of bytes or text such as "20mb", not "large"/,
    ],
    [{ maxTotalSize: -1 }, /uploads: maxTotalSize/],
    [{ maxFields: 1.5 }, /uploads: maxFields is a whole number/],
    [{ idleTimeout: '30s' }, /uploads: idleTimeout/],
    [{ idleTimeout: 2 ** 31 }, /uploads: idleTimeout is a number of milliseconds up to 2147483647/],
    [{ discardTime: Number.MAX_SAFE_INTEGER }, /uploads: discardTime is a number of milliseconds/],
    [{ checksum: 'yes' }, /uploads: checksum is true or false/],
    [{ message: 'No.' }, /uploads: message is a function/],
  ])('%j stop the app with a sentence', async (options, sentence) => {
    await expect(
      startUploads('express', new MemoryStorage(), options as UploadOptions),
    ).rejects.toThrow(sentence);
  });

  it('wait as long as a timer can', () => {
    expect(uploadOptions({ idleTimeout: 2 ** 31 - 1 }).idleTimeout).toBe(2 ** 31 - 1);
  });

  it('and the field have to exist', () => {
    class Dossier {
      name = '';
    }
    expect(() => PrivateFileInterceptor(Dossier, 'name')).toThrow(ConfigurationError);
  });
});
