export { buildDemo, demoSources, type BuiltDemo, type BuildDemo, type DemoName, type DemoSource } from './demo';
