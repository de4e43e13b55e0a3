-- Three million domestic flights of the first half of 2001 (US DOT) and the airports they used. The variables name the package's files.

create table airports as
select iata, name, city, state, country, latitude, longitude from read_csv(getvariable('airports')) order by iata;
alter table airports add primary key (iata);

create table flights as
select date, delay::integer as delay, distance::integer as distance, origin, destination from read_parquet(getvariable('flights')) order by date;

comment on table flights is 'One row per flight: January to June 2001, United States.';
comment on table airports is 'Airports of the United States with their place.';
comment on column flights.date is 'Departure.';
comment on column flights.delay is 'Arrival delay in minutes; negative when early.';
comment on column flights.distance is 'Distance in miles.';
comment on column flights.origin is 'Code of the airport of departure.';
comment on column flights.destination is 'Code of the airport of arrival.';
comment on column airports.iata is 'Three-letter code of the airport.';
