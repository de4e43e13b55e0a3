import { conversationEntries, dashboardEntries, documentEntries } from '../../subgraphs/search/service/entries';
import type { Collection, IndexEntry } from '../../subgraphs/search/service/index';

import { demoEntries } from './demo-entries';

/** Documents written for this benchmark: what a shop and an analyst of flights would keep. A section becomes a part. */
const documents: Readonly<Record<string, string>> = {
  refunds: `# When money is returned
Customers get their money back within fourteen days of sending goods back in their original packaging.
# What cannot be sent back
Opened software, gift cards and hygiene articles are excluded.
# Damaged on arrival
Goods that arrive broken are replaced free of charge; a photo is enough as proof.`,
  shipping: `# Delivery times
Parcels within Europe take two to four working days, elsewhere five to nine.
# Shipping fees
Delivery is free above fifty euros; below that it is four ninety-five.
# Lost parcels
A parcel without a scan for ten days counts as lost and is sent again.`,
  finance: `# Fiscal year
The fiscal year begins in February; the first quarter is February to April.
# Currency
All amounts are kept in euros; foreign payments are converted at the rate of the day.
# Recognition
Revenue counts on the day the order is placed, not when it is paid.
# Gross margin
Gross margin is revenue less the cost of goods sold, as a share of revenue.`,
  customers: `# Churn
A customer has churned who placed no order in the last twelve months.
# Segments
Enterprise means more than two hundred and fifty employees; small business fewer; consumers are private people.
# Lifetime value
Lifetime value adds the profit of all orders of a buyer over three years.
# Loyalty programme
Members collect one point per euro; a hundred points are worth five euros.`,
  support: `# Escalation
Urgent tickets go to the lead on duty within one hour; others wait for the next working day.
# Survey
After a ticket is closed the customer rates the help from one to five stars.
# Opening hours
The hotline is staffed on weekdays from eight to eighteen o'clock.`,
  sales: `# Discount approval
Rebates above thirty percent need the consent of the head of sales.
# Campaign naming
Campaigns are called by season, year and region, for example Spring 2024 Europe.
# Attribution
An order belongs to the campaign during which it was placed, when the buyer came through its link.`,
  privacy: `# Personal data
E-mail addresses and names are personal data and must not leave the company in exports.
# Deletion requests
On demand an account is erased within thirty days; invoices are kept for ten years.
# Access
Only analysts of the data team may read raw tables; everybody else uses dashboards.`,
  aviation: `# Delay
A flight counts as late when it arrives fifteen minutes or more after schedule.
# Distance
Route lengths are great-circle miles between the two airports.
# Coverage
The records span January to June 2001 and domestic services only.
# Airport codes
IATA codes have three letters; ORD is Chicago O'Hare and ATL is Atlanta.`,
  quality: `# Known gaps
Between the seventh and the twentieth of August 2023 headphones and speakers were out of stock, so their sales are zero.
# Test orders
Orders of the internal account are removed every night.
# Refresh
The warehouse is loaded at four in the morning; today's figures appear tomorrow.`,
  onboarding: `# First steps
New colleagues ask for an account at the service desk and read this guide.
# Asking questions
Write plain sentences; name the period and the measure, such as turnover last quarter by country.
# Building dashboards
Save an answer as a widget, then share the dashboard with your team.`,
  stock: `# Reordering
A product is ordered again when it would be sold out within three weeks.
# Discontinued articles
Articles that are phased out stay visible in reports but cannot be bought.`,
  payments: `# Accepted methods
Credit cards, bank transfer and invoice are accepted; invoice for companies alone.
# Failed charges
A card that is declined is tried again after three days, then the order is cancelled.`,
};

/** Dashboards written for this benchmark: name, description, tags, widgets. */
const dashboards: readonly (readonly [string, string, string | null, readonly string[], readonly string[]])[] = [
  ['exec', 'Executive overview', 'The figures of the month for the board', ['management'], ['Revenue by month', 'Profit', 'New customers']],
  ['returns', 'Returns monitor', 'What comes back and why', ['quality'], ['Return rate by category', 'Refunds by week', 'Reasons']],
  ['support', 'Service desk', null, ['support'], ['Open tickets', 'Median time to close', 'Satisfaction by topic']],
  ['marketing', 'Campaign performance', 'Spend and orders of each campaign', ['marketing'], ['Budget by channel', 'Orders per campaign']],
  ['regions', 'Sales by territory', null, ['sales'], ['Revenue by region', 'Top countries', 'Map']],
  ['catalogue', 'Product ranking', 'Best and worst sellers', ['assortment'], ['Units sold by product', 'Margin by category']],
  ['punctual', 'Airline punctuality', 'How late flights are', ['aviation'], ['Average delay by month', 'Share of delayed flights']],
  ['airports', 'Busiest airports', null, ['aviation'], ['Departures by airport', 'Arrivals by airport']],
  ['cohorts', 'Customer cohorts', 'Who comes back after the first purchase', ['retention'], ['Repeat purchases by sign-up month', 'Churn']],
  ['channels', 'Web, app and store', 'Where orders are placed', ['sales'], ['Orders by channel', 'Cancellations by channel']],
  ['pricing', 'Price and discount watch', null, ['finance'], ['Average discount', 'Discounted share of revenue']],
  ['routes', 'Long-haul routes', 'The farthest city pairs', ['aviation'], ['Miles by route', 'Flights by distance']],
];

/** Conversations written for this benchmark: title, question, answer. */
const conversations: readonly (readonly [string, string, string, string])[] = [
  ['germany', 'Sales in Germany', 'What was our turnover in Germany last year?', 'Revenue in Germany was 1.2 million euros.'],
  ['iberia', 'Portugal', 'Why did orders fall in Portugal?', 'Cancellations doubled after the web shop failed in May.'],
  ['worst', 'Worst products', 'Which articles are sent back most often?', 'Phones have the highest return rate, 9 percent.'],
  ['csat', 'Happiness', 'Is support getting better?', 'The average satisfaction rose from 3.4 to 3.9 stars.'],
  ['spring', 'Spring campaign', 'Did the spring promotion pay off?', 'It cost 20,000 euros and brought 1,150 orders.'],
  ['ohare', 'Chicago', 'How punctual is O’Hare?', 'Flights from ORD arrive 12 minutes late on average.'],
  ['winter', 'Winter delays', 'Are planes later in winter?', 'January delays are twice those of May.'],
  ['whales', 'Best buyers', 'Who are the ten most valuable clients?', 'Ten enterprise customers make up 6 percent of revenue.'],
  ['weekend', 'Weekends', 'Do people buy more on Saturdays?', 'Orders are 30 percent higher at weekends.'],
  ['audio', 'August dip', 'What happened to headphones in August 2023?', 'They were out of stock for two weeks, so no sales.'],
];

/** Everything that the judged queries are asked over. */
export function corpus(): Record<Collection, IndexEntry[]> {
  const sources = [demoEntries('shop'), demoEntries('flights')];
  const from = (collection: 'schema' | 'values' | 'metrics'): IndexEntry[] => sources.flatMap((source) => source[collection]);
  const at = new Date(0);
  return {
    schema: from('schema'),
    values: from('values'),
    metrics: from('metrics'),
    knowledge: Object.entries(documents).flatMap(([name, content]) =>
      documentEntries({ id: name, title: name, content, tags: [], created_at: at }),
    ),
    dashboards: dashboards.flatMap(([id, name, description, tags, widgets]) =>
      dashboardEntries({ id, name, description, tags, widgets, updatedAt: at }),
    ),
    conversations: conversations.flatMap(([id, title, question, answer]) =>
      conversationEntries({
        sessionId: id,
        title,
        userId: 'u',
        messages: [
          { id: `${id}/q`, role: 'user', content: question, sql: null, createdAt: at },
          { id: `${id}/a`, role: 'assistant', content: answer, sql: null, createdAt: at },
        ],
      }),
    ),
  };
}
