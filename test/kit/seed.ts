/** Where random tests begin: the same in every run, unless `FUZZ_SEED` names another, as `npm run test:long` does. */
export const seed = Number(process.env.FUZZ_SEED ?? 20_261);
