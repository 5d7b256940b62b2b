export { PrivateStorageModule } from './private-storage.module.js';
export type { PrivateStorageModuleExtras } from './private-storage.module-definition.js';
export type { PrivateStorageModuleOptions, StorageOptions } from './private-storage.options.js';
export { PrivateStorageService, type SaveEntity } from './private-storage.service.js';
export * from './private-storage.errors.js';
export { statusOf } from './private-storage.filter.js';

export {
  FileStorage,
  type CommitOptions,
  type SignedUrlHeaders,
  type StagedBytes,
} from './storage/file-storage.js';
export type { AbortSignalLike } from './storage/abort.js';
export type { FileStat, OpenedFile, OpenOptions, ReadOptions } from './storage/opened-file.js';
export { LocalStorage, type LocalStorageOptions } from './storage/local-storage.js';
export { MemoryStorage } from './storage/memory-storage.js';
export { InjectStorage, storageToken } from './storage/inject-storage.js';
export { parseKey } from './storage/keys.js';

export { StagedFile, type StagedFileFacts } from './file/staged-file.js';
export { publicFile, isStoredFile, type PublicFile, type StoredFile } from './file/stored-file.js';
export { RequestedFile, type FileAction, type RequestUser } from './file/requested-file.js';

export { PrivateFile, PrivateImage } from './entity/private-file.decorator.js';
export type { PrivateFileOptions, PrivateImageOptions } from './entity/private-file-options.js';

export { PrivateFileGuard } from './access/private-file.guard.js';
export { AllowAuthenticated, AllowStaff, AllowSuperuser } from './access/built-in.guards.js';
export { allOf, anyOf } from './access/combined.guards.js';
export type { AccessOptions } from './access/access-options.js';

export {
  PrivateFileInterceptor,
  PrivateFilesInterceptor,
} from './upload/private-file.interceptor.js';
export { PrivateFileBodyInterceptor } from './upload/private-file-body.interceptor.js';
export { privateFilePipe } from './upload/multer-file.pipe.js';
export { PrivateFilePipe, type PrivateFilePipeOptions } from './upload/private-file.pipe.js';
export type { RefusalMessage, UploadOptions } from './upload/upload-options.js';

export { ObjectDownloadController } from './download/object-download.controller.js';
export { WebServerCheck, type WebServerCheckOptions } from './download/web-server-check.js';
export type { ServerProblem, ServerProblemCode } from './download/server-problem.js';
export { FileServer, type ServedFile } from './servers/file-server.js';
export { StreamServer } from './servers/stream-server.js';
export { WebServer, type WebServerOptions } from './servers/web-server.js';
export { NginxServer, type NginxServerOptions } from './servers/nginx-server.js';
export { ApacheServer } from './servers/apache-server.js';
export { LighttpdServer } from './servers/lighttpd-server.js';
export { CaddyServer } from './servers/caddy-server.js';
export { RedirectServer } from './servers/redirect-server.js';
export type { HttpExchange } from './servers/http-exchange.js';
export type { FileHeaders, Disposition } from './servers/file-headers.js';
export {
  SAFE_INLINE_TYPES,
  type DeliveryOptions,
  type FileServerName,
} from './servers/delivery-options.js';

export { serverConfig, type ConfiguredServer } from './server-config/server-config.js';
export type { ServerSite, ServerSiteStorage } from './server-config/server-site.js';
