declare module 'svg-to-pdfkit' {
  interface Options {
    readonly width?: number;
    readonly height?: number;
    readonly preserveAspectRatio?: string;
    /** The font of a family and weight: a name or a file. */
    readonly fontCallback?: (family: string, bold: boolean, italic: boolean) => string;
  }
  function svgToPdf(document: PDFKit.PDFDocument, svg: string, x: number, y: number, options: Options): void;
  export = svgToPdf;
}
