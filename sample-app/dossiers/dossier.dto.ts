import { IsOptional, IsString, MaxLength } from 'class-validator';
import { publicFile, type PublicFile } from 'nestjs-private-storage';
import type { Dossier } from './dossier.entity.js';

/** The text fields beside the file. */
export class CreateDossierDto {
  @IsOptional()
  @IsString()
  @MaxLength(200)
  title?: string;

  @IsOptional()
  @IsString()
  @MaxLength(100)
  customer?: string;
}

/** A dossier as clients see it: where to fetch the file, not where it lies. */
export interface DossierView {
  readonly id: number;
  readonly title: string;
  readonly customer: string;
  readonly file:
    (Pick<PublicFile, 'name' | 'size' | 'contentType'> & { readonly url: string }) | null;
}

export function viewOf({ id, title, customer, file }: Dossier): DossierView {
  if (!file) return { id, title, customer, file: null };
  const { name, size, contentType } = publicFile(file);
  return { id, title, customer, file: { url: `/dossiers/${id}/file`, name, size, contentType } };
}
