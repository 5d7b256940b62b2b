/**
 * Files in S3. Needs `@aws-sdk/client-s3` and `@aws-sdk/s3-request-presigner`.
 *
 * @module
 */
export { S3Storage } from './s3-storage.js';
export { EncryptedS3Storage } from './encrypted-s3-storage.js';
export type { S3ObjectParameters, S3StorageOptions } from './s3-options.js';
export type { S3Encryption } from './s3-encryption.js';
export type { ListedFile, ListedFiles, ListOptions } from './s3-listing.js';
export { minio, r2, type MinioOptions, type R2Options } from './s3-presets.js';

export { CloudFrontServer } from './cloudfront-server.js';
export type { CloudFrontServerOptions } from './cloudfront-options.js';
export { DirectUploadController } from './direct-uploads/direct-upload.controller.js';
export { DirectUploadInterceptor } from './direct-uploads/direct-upload.interceptor.js';
export type { DirectUpload } from './direct-uploads/upload-form.js';
export type { DirectUploadRequest } from './direct-uploads/upload-wish.js';
