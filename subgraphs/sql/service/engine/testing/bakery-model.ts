import { parseModel, type SemanticModel } from '../../semantic-model';

export const bakeryYaml = `
version: 1
name: bakery
entities:
  - name: shop
    table: shops
    synonyms: [bakery, branch]
    key: [id]
    title: name
    time: opened
    dimensions:
      - { name: name, column: name }
      - { name: town, column: town, synonyms: [city, place], values: { Saint-Lô: [saint lo] } }
      - { name: opened, column: opened, grains: [month, year] }
    measures:
      - { name: seats, expression: seats, aggregate: sum, unit: seats }
  - name: person
    table: people
    synonyms: [employee]
    key: [id]
    title: full_name
    dimensions:
      - { name: full_name, column: full_name, synonyms: [name] }
      - { name: birth_date, column: birth_date, pii: true }
      - { name: email, column: email, pii: true }
    measures:
      - { name: salary, expression: salary, aggregate: avg, synonyms: [pay, wage], unit: EUR }
  - name: bread
    table: breads
    synonyms: [loaf, product]
    key: [id]
    title: title
    dimensions:
      - { name: title, column: title }
      - { name: flour, column: flour, synonyms: [flour type, grain used] }
    measures:
      - { name: price, expression: price, aggregate: avg, unit: EUR }
  - name: sale
    table: sales
    key: [id]
    time: sold_at
    dimensions:
      - { name: sold_at, column: sold_at, synonyms: [sale date], grains: [day, week, month, quarter, year] }
    measures:
      - { name: quantity, expression: quantity, aggregate: sum, synonyms: [pieces] }
      - { name: amount, expression: amount, aggregate: sum, unit: EUR }
  - name: complaint
    table: complaints
    key: [id]
    time: filed_on
    dimensions:
      - { name: reason, column: reason, synonyms: [cause] }
      - { name: filed_on, column: filed_on, grains: [month, year] }
    measures: []
joins:
  - { from: shops.manager_id, to: people.id, cardinality: many_to_one, role: manager, synonyms: [managed, manages, manager] }
  - { from: shops.owner_id, to: people.id, cardinality: many_to_one, role: owner, synonyms: [owned, owns, owner] }
  - { from: sales.shop_id, to: shops.id, cardinality: many_to_one }
  - { from: sales.bread_id, to: breads.id, cardinality: many_to_one }
  - { from: complaints.shop_id, to: shops.id, cardinality: many_to_one }
metrics:
  - { name: revenue, expression: sum(sales.amount), synonyms: [turnover, takings] }
  - { name: large_revenue, label: Revenue of large sales, expression: sum(sales.amount), filters: ['sales.quantity >= 3'] }
  - { name: complaints, expression: count(complaints), synonyms: [number of complaints], better: down }
  - { name: complaint_rate, label: Complaints per sale, expression: complaints / count(sales), better: down }
policies: []
`;

export const bakeryModel = (): SemanticModel => parseModel(bakeryYaml);
