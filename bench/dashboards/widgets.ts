const metric = (name: string, question: string) => ({ name, widget_type: 'metric', data_source: { question, source_id: 'flights' } });
const chart = (name: string, type: string, sql: string) => ({ name, widget_type: type, data_source: { sql, source_id: 'flights' } });

/** Twelve widgets as an operations desk has them; two ask the same. */
export const widgets = [
  metric('Flights', 'How many flights were there?'),
  metric('Average delay', 'average delay'),
  metric('Delayed flights', 'delayed flights'),
  metric('Total distance', 'total distance'),
  chart(
    'Flights by month',
    'line_chart',
    "select date_trunc('month', date) as month, count(*) as flights from flights group by 1 order by 1",
  ),
  chart('Delay by day', 'area_chart', 'select cast(date as date) as day, avg(delay) as delay from flights group by 1 order by 1'),
  chart('Worst origins', 'bar_chart', 'select origin, avg(delay) as delay from flights group by 1 order by 2 desc limit 10'),
  chart('Busiest origins', 'bar_chart', 'select origin, count(*) as flights from flights group by 1 order by 2 desc limit 10'),
  chart('Busiest origins, as rows', 'table', 'select origin, count(*) as flights from flights group by 1 order by 2 desc limit 10'),
  chart('Busiest routes', 'table', 'select origin, destination, count(*) as flights from flights group by 1, 2 order by 3 desc limit 20'),
  chart('Hours of the day', 'bar_chart', 'select hour(date) as hour, count(*) as flights from flights group by 1 order by 1'),
  chart(
    'Share of the longest',
    'pie_chart',
    "select case when distance > 1500 then 'long' when distance > 500 then 'middle' else 'short' end as length, count(*) as flights from flights group by 1 order by 2 desc",
  ),
] as const;
