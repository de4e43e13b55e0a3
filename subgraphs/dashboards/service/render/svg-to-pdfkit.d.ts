declare module 'svg-to-pdfkit' {
  interface Options {
    readonly width?: number;
    readonly height?: number;
    readonly preserveAspectRatio?: string;
  }
  function svgToPdf(document: PDFKit.PDFDocument, svg: string, x: number, y: number, options: Options): void;
  export = svgToPdf;
}
