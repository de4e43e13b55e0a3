/**
 * What the demo shop must answer, whatever the day of the build: questions over a closed period, and what was planted. Worked out by
 * hand-written SQL over the generator's rows; a change of the generator changes this file and `revision`.
 */
export interface KnownAnswer {
  readonly question: string;
  readonly sql: string;
  readonly rows: readonly (readonly (string | number)[])[];
}

const sold = `from orders o join order_items i on i.order_id = o.id join customers c on c.id = o.customer_id join products p on p.id = i.product_id where o.status <> 'cancelled'`;

export const shopAnswers: readonly KnownAnswer[] = [
  {
    question: 'total revenue by month in 2024',
    sql: `select strftime(o.ordered_at, '%Y-%m') as month, sum(i.amount) as revenue ${sold} and year(o.ordered_at) = 2024 group by 1 order by 1`,
    rows: [
      ['2024-01', 2316997.21],
      ['2024-02', 2077705.85],
      ['2024-03', 2361937.32],
      ['2024-04', 2490763.56],
      ['2024-05', 3098582.64],
      ['2024-06', 2497295.63],
      ['2024-07', 2576595],
      ['2024-08', 2529754.79],
      ['2024-09', 2770986.86],
      ['2024-10', 2994590.51],
      ['2024-11', 3834185.52],
      ['2024-12', 3968032.48],
    ],
  },
  {
    question: 'top 5 products by revenue in Europe in the third quarter of 2024',
    sql: `select p.name, sum(i.amount) as revenue ${sold} and c.region = 'Europe' and o.ordered_at >= date '2024-07-01' and o.ordered_at < date '2024-10-01' group by 1 order by 2 desc limit 5`,
    rows: [
      ['Aurora Laptop', 812098.85],
      ['Aurora Phone', 281455.04],
      ['Cedar Laptop', 162871.88],
      ['Aurora Camera', 147262.16],
      ['Vertex Laptop', 130772.12],
    ],
  },
  {
    question: 'revenue by region in 2024',
    sql: `select c.region, sum(i.amount) as revenue ${sold} and year(o.ordered_at) = 2024 group by 1 order by 1`,
    rows: [
      ['Asia Pacific', 5542190.99],
      ['Europe', 15134322.63],
      ['Latin America', 4119390.82],
      ['North America', 8721522.93],
    ],
  },
  {
    question: 'number of orders in 2024 by status',
    sql: `select status, count(*) from orders where year(ordered_at) = 2024 group by 1 order by 1`,
    rows: [
      ['cancelled', 1139],
      ['completed', 28827],
    ],
  },
  { question: 'total refunds in 2024', sql: 'select sum(refund_amount) from returns where year(returned_on) = 2024', rows: [[2333899.92]] },
];

/** What was planted for insights to find: spike, dip and anomaly stand out against the days beside them. */
export const shopPlants = {
  promotion: {
    name: 'Spring Flash Sale',
    from: '2024-05-14',
    to: '2024-05-16',
    ordersPerDay: [204, 216, 225],
    dayBefore: 76,
    dayAfter: 81,
  },
  stockOut: { category: 'Audio', from: '2023-08-07', to: '2023-08-20', itemsSold: 0 },
  anomaly: { what: 'checkout was down', on: '2025-02-11', orders: 10, dayBefore: 72, dayAfter: 64 },
  neverOrder: 'customers whose id leaves 7 when divided by 25, and those, recent ones mostly, whom no order has drawn yet',
} as const;

export const flightsAnswers: readonly KnownAnswer[] = [
  { question: 'How many flights were there?', sql: 'select count(*) from flights', rows: [[3000000]] },
  { question: 'How many airports did flights leave from?', sql: 'select count(distinct origin) from flights', rows: [[229]] },
];
