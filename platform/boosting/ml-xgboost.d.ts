declare module 'ml-xgboost' {
  interface Booster {
    train(features: number[][], target: number[]): void;
    predict(features: number[][]): number[];
    free(): void;
  }
  const loaded: Promise<new (options: Record<string, string | number>) => Booster>;
  export default loaded;
}
