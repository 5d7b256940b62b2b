/** The size of an image in pixels. */
export interface PixelSize {
  readonly width: number;
  readonly height: number;
}
