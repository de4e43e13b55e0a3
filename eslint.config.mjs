import node from 'eslint-plugin-n';
import typescript from 'typescript-eslint';

export default typescript.config(
  { ignores: ['dist/**', 'node_modules/**', 'coverage/**', '.parley/**', '.cache/**', 'console/vendor/**', '**/*.d.ts'] },
  {
    files: ['**/*.ts'],
    extends: [typescript.configs.base],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    plugins: { n: node },
    rules: {
      // A promise nobody waits for hides its failure.
      '@typescript-eslint/no-floating-promises': ['error', { ignoreVoid: true }],
      '@typescript-eslint/no-misused-promises': ['error', { checksVoidReturn: false }],
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_', ignoreRestSiblings: true }],
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      // More than three parameters are an object with names; a fourth may be the signal or the context that everything takes.
      'max-params': ['error', 4],
      'n/prefer-node-protocol': 'error',
      'no-console': 'error',
      eqeqeq: ['error', 'always', { null: 'ignore' }],
      'prefer-const': 'error',
      'no-restricted-syntax': [
        'error',
        { selector: 'ExportDefaultDeclaration', message: 'Export by name: the name is how people find it.' },
      ],
    },
  },
  {
    files: ['**/*.ts'],
    ignores: ['platform/config/**', 'test/**', 'bench/**', '**/*.test.ts'],
    // Settings are read once, checked and described: take them from #platform/config.
    rules: { 'n/no-process-env': 'error' },
  },
  {
    files: ['**/*.test.ts', 'test/**/*.ts'],
    rules: { '@typescript-eslint/no-explicit-any': 'off', 'max-params': 'off' },
  },
  {
    // A GraphQL field's arguments are a method's parameters in type-graphql.
    files: ['subgraphs/*/resolvers/**/*.ts'],
    rules: { 'max-params': 'off' },
  },
  {
    // Commands print for people.
    files: ['bench/**/*.ts', 'gateway/commands/**/*.ts', 'schema/*.ts'],
    rules: { 'no-console': 'off' },
  },
);
