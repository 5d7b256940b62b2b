import 'reflect-metadata';
import { PrivateFile, PrivateImage } from '../../lib/entity/private-file.decorator.js';
import { keyFor, stagedFilesOf } from '../../lib/entity/entity-files.js';
import type { StagedFile } from '../../lib/file/staged-file.js';
import { stagedFile } from '../../lib/testing/index.js';

class Album {
  @PrivateImage({ maxWidth: 100, maxPixels: 5000 })
  cover: StagedFile | null = null;

  @PrivateFile({ maxFileSize: 10, contentTypes: ['image/png'] })
  scan: StagedFile | null = null;
}

/** An upload that was received for another field is held against the rules of the one that it is put into. */
it.each([
  ['cover', { width: 100, height: 50 }, undefined],
  ['cover', { width: 101, height: 1 }, 'The image may not be wider than 100 pixels.'],
  ['cover', { width: 100, height: 51 }, 'The image may not have more than 5000 pixels.'],
  ['cover', {}, /^cover takes images, but the file was not received as one; give /],
  ['scan', { content: 'x'.repeat(10) }, undefined],
  ['scan', { content: 'x'.repeat(11) }, 'The file may not be larger than 10B.'],
  ['scan', { contentType: 'text/plain' }, 'File type not supported.'],
  ['scan', { storageName: 'other' }, /^scan is kept in the storage "default"/],
])('%s, given %j', async (property, init, complaint) => {
  const file = await stagedFile({ name: 'a.png', ...init });
  const album = Object.assign(new Album(), { [property]: file });
  const keys = (): string[] => stagedFilesOf(album).map((value) => keyFor(album, value));
  if (complaint === undefined) expect(keys()).toHaveLength(1);
  else expect(keys).toThrow(complaint);
});
