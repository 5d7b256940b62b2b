export { PrivateStorageTypeOrmModule } from './private-storage-typeorm.module.js';
export {
  PrivateFileColumn,
  PrivateImageColumn,
  type PrivateColumnOptions,
} from './private-file-column.decorator.js';
