/** Common words of schemas, by which names written together (`invoicedate`) are cut. */
export const schemaVocabulary: ReadonlySet<string> = new Set(
  `account actual address age agent airline airport album amount area arrival artist author average bank battle birth body book branch brand budget building business buyer campaign campus capacity car card category center chapter
  city class client club coach code color comment company contact content contract cost count country county course created credit currency customer data date day death dealer debit delay delivery department departure description
  destination detail director discount distance district division document driver duration email employee end engine enrollment event expense faculty family fare fee file film first flight floor food friend full game gender genre goods grade
  group height hire history home horse hospital host hotel hour id image income individual industry instructor insurance inventory invoice issue item job key label language last latitude length level library line list loan
  local location login longitude machine mail major manager market match max media medal member message method middle min minute model month movie museum music name nation nationality number office official open opening order
  origin owner paid park part party patient pay payment percent performance period person phone pilot place plan plane player points policy population position postal price prime procedure process product production professor profit program
  project property publication purchase quality quantity race rank rate rating reason receipt record region registration release rental report request reservation result return revenue review road role room route salary sale
  sales schedule school score season seat section service session sex ship shipment shop show size snapshot song source speed sport staff stadium staff start state station status stock store street student subject supplier support tax teacher
  team term test theme ticket time title total track train transaction travel treatment trip tutor type unit university update user value vehicle vendor venue version visit vote voter wage warehouse website week weight width winner work
  worker year zip balance charge claim created updated deleted first second third open close high low from to of in by at on is has num qty`.split(
    /\s+/,
  ),
);
