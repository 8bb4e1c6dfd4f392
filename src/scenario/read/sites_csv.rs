//! A table of sites: one row a site, a header that names the columns, every fault at its cell.

use std::collections::BTreeMap;

use crate::diagnostics::{Code, Diagnostic, Span};
use crate::ids::{Id, IdVec, ProductId, RegionId, ServiceId, SiteId, TierId};
use crate::rng::{Streams, digest};
use crate::scenario::population::{Drawn, place, tier_of};
use crate::scenario::read::population::{Written, tier_names, tier_rules};
use crate::scenario::read::resolver::Resolver;
use crate::scenario::site::{MOST_PRODUCTS, Service, Site};
use crate::shown::{Shown, is_unseen};
use crate::spec::{SitesSpec, TooMany};
use crate::stats::quantile_sorted;
use crate::units::{Bytes, UnitError};

/// The text of a table and where it begins in the sources.
#[derive(Clone, Copy)]
pub(crate) struct SitesText<'a> {
    pub text: &'a str,
    pub base: usize,
}

/// The sites that a table lists.
pub(crate) struct Listed {
    sites: IdVec<SiteId, Site>,
    customers: u32,
    customer_names: Vec<String>,
    regions: Vec<String>,
    tiers: Vec<String>,
    /// For each service the shard of each site, where the table says it.
    shards: Vec<Vec<Option<u32>>>,
}

impl Listed {
    /// The sites on their shards; what the table does not place lies where a generated population
    /// would.
    pub(crate) fn placed(
        self,
        services: &IdVec<ServiceId, Service>,
        exponent: f64,
        streams: &Streams,
    ) -> Drawn {
        let shard_of = services.iter().zip(&self.shards).map(|(service, listed)| {
            let mut shard_of = place(service, exponent, &self.sites, streams);
            for (shard, listed) in shard_of.as_mut_slice().iter_mut().zip(listed) {
                *shard = listed.unwrap_or(*shard);
            }
            shard_of
        });
        Drawn {
            shard_of: shard_of.collect(),
            sites: self.sites,
            customers: self.customers,
            customer_names: self.customer_names,
            regions: self.regions,
            tiers: self.tiers,
        }
    }
}

/// What a column says of a site.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Column {
    Site,
    Customer,
    Users,
    Bytes,
    Products,
    Region,
    Tier,
    Active,
    OperatorOwned,
    Shard(ServiceId),
    /// Told at the header.
    Unknown,
}

const COLUMNS: [(&str, Column); 9] = [
    ("site", Column::Site),
    ("customer", Column::Customer),
    ("users", Column::Users),
    ("bytes", Column::Bytes),
    ("products", Column::Products),
    ("region", Column::Region),
    ("tier", Column::Tier),
    ("active", Column::Active),
    ("operator_owned", Column::OperatorOwned),
];

const SHARD: &str = "shard.";

/// In the place of names of products: the site has none of them.
const NO_PRODUCT: &str = "none";

/// More faults of one table than anybody reads at once.
const MOST_FAULTS: usize = 100;

/// Reads every row; a cell at fault is told and taken as if it were empty.
pub(crate) fn read(
    written: &Written<'_>,
    table: &SitesText<'_>,
    resolver: &mut Resolver<'_>,
) -> Listed {
    refuse_others(written.sites, resolver);
    let text = table.text.strip_prefix('\u{feff}').unwrap_or(table.text);
    let base = table.base + (table.text.len() - text.len());
    let rules = !written.sites.tiers.is_empty();
    let mut reading = Reading {
        written,
        table: SitesTable { text, base, resolver, told: 0, untold: 0 },
        columns: Vec::new(),
        customers: Names::default(),
        unnamed_customers: 0,
        regions: Names::default(),
        tiers: Names::of(if rules { tier_names(written.sites) } else { Vec::new() }),
        tiers_are_given: rules,
        sites: Vec::new(),
        users: Vec::new(),
        bytes: Vec::new(),
        has_tier: Vec::new(),
        starts: Vec::new(),
        shards: vec![Vec::new(); written.services.len()],
    };
    reading.rows();
    reading.check_names();
    reading.finish()
}

/// The keys of a generated population say what the table says.
fn refuse_others(spec: &SitesSpec, resolver: &mut Resolver<'_>) {
    let first =
        |it: &crate::spec::Named<crate::spec::Scalar>| it.iter().next().map(|(name, _)| name.span);
    let others = [
        ("count", spec.count.as_ref().map(|it| it.span)),
        ("customers", spec.customers.as_ref().map(|it| it.span)),
        ("users", spec.users.as_ref().map(|it| it.span)),
        ("bytes", spec.bytes.as_ref().map(|it| it.span)),
        ("correlation", spec.correlation.as_ref().map(|it| it.span)),
        ("products", first(&spec.products)),
        ("regions", first(&spec.regions)),
        ("inactive", spec.inactive.as_ref().map(|it| it.span)),
        ("operator_owned", spec.operator_owned.as_ref().map(|it| it.span)),
    ];
    for (key, span) in others {
        if let Some(span) = span {
            resolver
                .error(Code::ConflictingKeys, span, format!("`{key}` stands beside `csv`"))
                .help("leave it out: the table says it for every site");
        }
    }
    if let Some(it) = spec.resample.as_ref().filter(|it| it.value) {
        resolver
            .error(Code::ConflictingKeys, it.span, "`resample` stands beside `csv`")
            .help("leave it out: a table of sites is one estate, which is not drawn");
    }
}

/// Names with their numbers in the order in which they came.
#[derive(Default)]
struct Names {
    list: Vec<String>,
    number: BTreeMap<String, usize>,
}

impl Names {
    fn of(list: Vec<String>) -> Self {
        let number = list.iter().enumerate().map(|(number, it)| (it.clone(), number)).collect();
        Self { list, number }
    }

    fn find(&self, name: &str) -> Option<usize> {
        self.number.get(name).copied()
    }

    fn find_or_add(&mut self, name: &str) -> usize {
        self.find(name).unwrap_or_else(|| {
            self.list.push(name.to_owned());
            self.number.insert(name.to_owned(), self.list.len() - 1);
            self.list.len() - 1
        })
    }
}

/// The text of the table, which knows where its cells stand.
struct SitesTable<'a, 'd, 'p> {
    text: &'a str,
    base: usize,
    resolver: &'d mut Resolver<'p>,
    told: usize,
    untold: usize,
}

impl SitesTable<'_, '_, '_> {
    /// Tells a fault of the cell of this place in the row that starts at this byte; the answer
    /// takes helps.
    fn fault(
        &mut self,
        row: usize,
        cell: usize,
        code: Code,
        message: impl Into<String>,
    ) -> Option<&mut Diagnostic> {
        if self.told == MOST_FAULTS {
            // To find the cell takes as long as the row is.
            self.untold += 1;
            return None;
        }
        let place = self.cell(row, cell);
        self.fault_at(place, code, message)
    }

    fn fault_at(
        &mut self,
        place: std::ops::Range<usize>,
        code: Code,
        message: impl Into<String>,
    ) -> Option<&mut Diagnostic> {
        if self.told == MOST_FAULTS {
            self.untold += 1;
            return None;
        }
        self.told += 1;
        let span = Span::new(self.base + place.start, self.base + place.end);
        Some(self.resolver.error(code, span, message))
    }

    /// Where a cell stands, its quotes included. Looked for only when something is wrong with it.
    fn cell(&self, row: usize, cell: usize) -> std::ops::Range<usize> {
        let bytes = self.text.as_bytes();
        let mut start = self.row(row).start;
        for before in 0.. {
            let end = end_of_cell(bytes, start);
            if before == cell || bytes.get(end) != Some(&b',') {
                return start..end;
            }
            start = end + 1;
        }
        start..start
    }

    /// Where a row stands, without the end of the line.
    fn row(&self, start: usize) -> std::ops::Range<usize> {
        let bytes = self.text.as_bytes();
        let start = start + bytes[start..].iter().take_while(|it| is_end_of_line(**it)).count();
        let mut end = end_of_cell(bytes, start);
        while bytes.get(end) == Some(&b',') {
            end = end_of_cell(bytes, end + 1);
        }
        start..end
    }
}

/// What stands between the cells of a header in which no comma does.
fn foreign_separator(header: &csv::StringRecord) -> Option<&'static str> {
    let only = header.get(0).filter(|_| header.len() == 1)?;
    [(';', "semicolons"), ('\t', "tabs")]
        .into_iter()
        .find_map(|(sign, words)| only.contains(sign).then_some(words))
}

fn is_end_of_line(byte: u8) -> bool {
    byte == b'\n' || byte == b'\r'
}

/// Where the cell that begins at `start` ends: at a comma, the end of the line or of the text, none
/// of them between quotes.
fn end_of_cell(bytes: &[u8], start: usize) -> usize {
    let mut quoted = bytes.get(start) == Some(&b'"');
    let mut at = start + usize::from(quoted);
    while let Some(byte) = bytes.get(at) {
        match byte {
            // Two quotes in quotes are one that belongs to the text.
            b'"' if quoted && bytes.get(at + 1) == Some(&b'"') => at += 1,
            b'"' if quoted => quoted = false,
            b',' | b'\n' | b'\r' if !quoted => break,
            _ => {}
        }
        at += 1;
    }
    at.min(bytes.len())
}

struct Reading<'a, 'd, 'p> {
    written: &'a Written<'a>,
    table: SitesTable<'a, 'd, 'p>,
    columns: Vec<Column>,
    customers: Names,
    /// Customers of one site each, of which the table gives no name.
    unnamed_customers: usize,
    regions: Names,
    tiers: Names,
    tiers_are_given: bool,
    sites: Vec<Site>,
    /// The users and bytes of each site, where the table says them.
    users: Vec<Option<u32>>,
    bytes: Vec<Option<Bytes>>,
    /// Whether the table says the tier of each site.
    has_tier: Vec<bool>,
    /// Where the row of each site starts.
    starts: Vec<usize>,
    shards: Vec<Vec<Option<u32>>>,
}

impl Reading<'_, '_, '_> {
    fn rows(&mut self) {
        let text = self.table.text;
        let mut reader = csv::ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .from_reader(text.as_bytes());
        let mut record = csv::StringRecord::new();
        // A text in memory can always be read.
        while reader.read_record(&mut record).is_ok_and(|more| more) {
            let start = record.position().map_or(0, |it| it.byte());
            let start = usize::try_from(start).expect("a text in memory has places in memory");
            if self.columns.is_empty() {
                if let Some(separator) = foreign_separator(&record) {
                    self.refuse_separator(start, separator);
                    return;
                }
                self.header(start, &record);
                continue;
            }
            if record.len() != self.columns.len() {
                let cells = crate::diagnostics::count(record.len(), "cell");
                let message = format!("a row of {cells} below a header of {}", self.columns.len());
                let place = self.table.row(start);
                if let Some(it) = self.table.fault_at(place, Code::Syntax, message) {
                    it.help(
                        "a cell with a comma in it stands in quotes, and a number has a decimal point",
                    );
                }
            }
            let number = self.sites.len() as u64 + 1;
            if let Some(many) = TooMany::sites(number, self.table.resolver.limits()) {
                let message = format!("the table has more sites: {many}");
                let told = self.table.fault(start, 0, Code::TooMany, message);
                if let Some(it) = told {
                    it.help(many.help());
                }
                return;
            }
            self.check_words(start, &record);
            self.row(start, &record);
        }
    }

    /// A cell may be the name of something.
    fn check_words(&mut self, start: usize, record: &csv::StringRecord) {
        for (cell, text) in record.iter().enumerate() {
            let Some(it) = text.chars().find(|it| is_unseen(*it)) else { continue };
            let message = format!("nobody sees `{}`, which is in this cell", Shown(it.to_string()));
            if let Some(it) = self.table.fault(start, cell, Code::BadName, message) {
                it.help("take it out");
            }
        }
    }

    fn refuse_separator(&mut self, start: usize, separator: &str) {
        let place = self.table.row(start);
        let message = format!("{separator} stand between the cells, and commas are due");
        if let Some(it) = self.table.fault_at(place, Code::Syntax, message) {
            it.help(
                "save the table with commas: a spreadsheet that writes numbers with a comma has to \
                 be told so, or its country changed to one with a decimal point",
            );
        }
    }

    fn header(&mut self, start: usize, record: &csv::StringRecord) {
        self.check_words(start, record);
        for (cell, name) in record.iter().enumerate() {
            let column = self.column(start, cell, name.trim());
            if column != Column::Unknown && self.columns.contains(&column) {
                let message = format!("there are two columns `{}`", name.trim());
                self.table.fault(start, cell, Code::DuplicateName, message);
            }
            self.columns.push(column);
        }
        if !self.columns.contains(&Column::Site) && !self.columns.contains(&Column::Unknown) {
            let place = self.table.row(start);
            if let Some(it) =
                self.table.fault_at(place, Code::MissingKey, "there is no column `site`")
            {
                it.help("begin the table with a line that names its columns, such as `site,users`");
            }
        }
    }

    fn column(&mut self, start: usize, cell: usize, name: &str) -> Column {
        if let Some((_, column)) = COLUMNS.iter().find(|it| it.0 == name) {
            return *column;
        }
        let services = self.written.services;
        if let Some(service) = name.strip_prefix(SHARD) {
            if let Some((id, _)) = services.enumerate().find(|(_, it)| it.name == service) {
                return Column::Shard(id);
            }
            let message = format!("there is no service `{service}`");
            if let Some(it) = self.table.fault(start, cell, Code::UnknownService, message) {
                it.help_choose(service, services.iter().map(|it| it.name.as_str()));
            }
            return Column::Unknown;
        }
        let known = COLUMNS.iter().map(|it| it.0.to_owned());
        let known: Vec<String> =
            known.chain(services.iter().map(|it| format!("{SHARD}{}", it.name))).collect();
        let message = format!("unknown column `{name}`");
        if let Some(it) = self.table.fault(start, cell, Code::UnknownKey, message) {
            it.help_choose(name, known.iter().map(String::as_str));
        }
        Column::Unknown
    }

    fn row(&mut self, start: usize, record: &csv::StringRecord) {
        let every_product = (0..self.written.products.len().min(MOST_PRODUCTS))
            .fold(0, |bits, product| bits | 1 << product);
        let mut site = Site {
            name: String::new(),
            draw: self.sites.len() as u64,
            customer: 0,
            users: 1,
            bytes: Bytes::new(0),
            products: every_product,
            region: RegionId::new(0),
            tier: TierId::new(0),
            active: true,
            operator_owned: false,
        };
        let (mut users, mut bytes) = (None, None);
        let (mut customer, mut region, mut tier) = (None, None, None);
        for place in 0..self.written.services.len() {
            self.shards[place].push(None);
        }
        for cell in 0..self.columns.len() {
            let text = record.get(cell).unwrap_or_default().trim();
            if text.is_empty() {
                continue;
            }
            match self.columns[cell] {
                Column::Site => {
                    text.clone_into(&mut site.name);
                    site.draw = digest(text);
                }
                Column::Customer => customer = Some(self.customers.find_or_add(text)),
                Column::Users => users = self.users(start, cell, text),
                Column::Bytes => bytes = self.bytes(start, cell, text),
                Column::Products => site.products = self.products(start, cell, text),
                Column::Region => region = Some(self.regions.find_or_add(text)),
                Column::Tier => tier = self.tier(start, cell, text),
                Column::Active => site.active = self.answer(start, cell, text).unwrap_or(true),
                Column::OperatorOwned => {
                    site.operator_owned = self.answer(start, cell, text).unwrap_or(false);
                }
                Column::Shard(service) => self.shard(start, cell, text, service),
                Column::Unknown => {}
            }
        }
        self.users.push(users);
        self.bytes.push(bytes);
        if !site.active && users.is_some_and(|it| it > 0) {
            let message = format!(
                "nobody uses this site, and it has {}",
                crate::diagnostics::count(users.unwrap_or(0) as usize, "user")
            );
            self.told_at(start, Column::Users, Code::ConflictingKeys, message, "write 0 users");
        }
        // Those without a name get the numbers behind the others.
        site.customer = customer.map_or(u32::MAX, to_u32);
        self.unnamed_customers += usize::from(customer.is_none());
        site.region = RegionId::new(region.unwrap_or_else(|| self.regions.find_or_add("default")));
        site.tier = TierId::new(tier.unwrap_or(0));
        self.has_tier.push(tier.is_some());
        self.starts.push(start);
        self.sites.push(site);
    }

    /// Tells a fault of a column of a row.
    fn told_at(&mut self, start: usize, column: Column, code: Code, message: String, help: &str) {
        let cell = self.columns.iter().position(|it| *it == column).unwrap_or(0);
        if let Some(it) = self.table.fault(start, cell, code, message) {
            it.help(help);
        }
    }

    fn users(&mut self, start: usize, cell: usize, text: &str) -> Option<u32> {
        if let Ok(users) = text.parse() {
            return Some(users);
        }
        let code = if text.parse::<i128>().is_ok() { Code::OutOfRange } else { Code::BadQuantity };
        if let Some(it) =
            self.table.fault(start, cell, code, format!("`{text}` is no number of users"))
        {
            it.help("write a whole number from 0 up");
        }
        None
    }

    fn bytes(&mut self, start: usize, cell: usize, text: &str) -> Option<Bytes> {
        let fault = match text.parse::<Bytes>() {
            Ok(bytes) => return Some(bytes),
            Err(fault) => fault,
        };
        if let Ok(bytes) = text.parse() {
            return Some(Bytes::new(bytes));
        }
        let code = match fault {
            UnitError::TooLarge => Code::OutOfRange,
            _ => Code::BadQuantity,
        };
        if let Some(it) = self.table.fault(start, cell, code, format!("`{text}` {fault}")) {
            it.help("write an amount of data such as `180 GiB`, or a number of bytes");
        }
        None
    }

    fn products(&mut self, start: usize, cell: usize, text: &str) -> u64 {
        let known = self.written.products;
        let mut bits = 0;
        if text == NO_PRODUCT && !known.iter().any(|it| it.name == NO_PRODUCT) {
            return bits;
        }
        let names = text.split(|c: char| c == ';' || c.is_whitespace()).filter(|it| !it.is_empty());
        for name in names {
            let found: Option<(ProductId, _)> = known.enumerate().find(|(_, it)| it.name == name);
            if let Some((id, _)) = found.filter(|(id, _)| id.index() < MOST_PRODUCTS) {
                bits |= 1 << id.index();
                continue;
            }
            let message = format!("there is no product `{name}`");
            if let Some(it) = self.table.fault(start, cell, Code::UnknownProduct, message) {
                it.help_choose(name, known.iter().map(|it| it.name.as_str()));
            }
        }
        bits
    }

    fn tier(&mut self, start: usize, cell: usize, text: &str) -> Option<usize> {
        if !self.tiers_are_given {
            return Some(self.tiers.find_or_add(text));
        }
        let found = self.tiers.find(text);
        if found.is_none() {
            let message = format!("there is no tier `{text}`");
            if let Some(it) = self.table.fault(start, cell, Code::UnknownTier, message) {
                it.help_choose(text, self.tiers.list.iter().map(String::as_str));
            }
        }
        found
    }

    fn answer(&mut self, start: usize, cell: usize, text: &str) -> Option<bool> {
        let is = |words: [&str; 3]| words.iter().any(|word| word.eq_ignore_ascii_case(text));
        if is(["true", "yes", "1"]) {
            return Some(true);
        }
        if is(["false", "no", "0"]) {
            return Some(false);
        }
        let message = format!("`{text}` stands where `true` or `false` is due");
        self.table.fault(start, cell, Code::WrongType, message);
        None
    }

    fn shard(&mut self, start: usize, cell: usize, text: &str, id: ServiceId) {
        let service = &self.written.services[id];
        let shard: Option<u32> = text.parse().ok().filter(|it| *it < service.shards);
        if shard.is_none() {
            let message = format!("`{text}` is no shard of `{}`", service.name);
            let help = match service.shards {
                1 => "it has only shard 0".to_owned(),
                shards => format!("its shards have the numbers 0 to {}", shards - 1),
            };
            if let Some(it) = self.table.fault(start, cell, Code::OutOfRange, message) {
                it.help(help);
            }
        }
        let shards = &mut self.shards[id.index()];
        *shards.last_mut().expect("a row begins with a place for its shard") = shard;
    }

    /// Every site has a name of its own.
    fn check_names(&mut self) {
        if self.columns.is_empty() && self.table.told > 0 {
            return;
        }
        if self.sites.is_empty() {
            let place = 0..self.table.text.len().min(1);
            if let Some(it) =
                self.table.fault_at(place, Code::MissingKey, "the table lists no site")
            {
                it.help("below a line that names the columns, write a row for each site");
            }
            return;
        }
        if !self.columns.contains(&Column::Site) {
            return;
        }
        let mut order: Vec<usize> = (0..self.sites.len()).collect();
        order.sort_unstable_by_key(|row| (&self.sites[*row].name, *row));
        let mut again: Vec<usize> = order
            .windows(2)
            .filter(|pair| self.sites[pair[0]].name == self.sites[pair[1]].name)
            .map(|pair| pair[1])
            .chain(order[0..1].iter().copied().filter(|row| self.sites[*row].name.is_empty()))
            .collect();
        again.sort_unstable();
        for row in again {
            let name = &self.sites[row].name;
            let (code, message, help) = match name.is_empty() {
                true => (Code::MissingKey, "a site without a name".to_owned(), "write its name"),
                false => (
                    Code::DuplicateName,
                    format!("there are two sites `{name}`"),
                    "every site has one row",
                ),
            };
            self.told_at(self.starts[row], Column::Site, code, message, help);
        }
    }

    /// Where a table gives sizes, one that it does not give is the median of those that it does.
    fn fill_sizes(&mut self) {
        let users = median_or(self.users.iter().flatten().map(|it| u64::from(*it)), 1);
        let bytes = median_or(self.bytes.iter().flatten().map(|it| it.count()), 0);
        let known = self.users.iter().zip(&self.bytes);
        for (site, (own_users, own_bytes)) in self.sites.iter_mut().zip(known) {
            // Nobody uses what is not in use, whether that is written or not.
            let otherwise = if site.active { users } else { 0 };
            site.users = own_users.unwrap_or(u32::try_from(otherwise).unwrap_or(u32::MAX));
            site.bytes = own_bytes.unwrap_or(Bytes::new(bytes));
        }
    }

    fn finish(mut self) -> Listed {
        self.fill_sizes();
        if self.table.untold > 0 {
            let message = format!("{} more faults in this table", self.table.untold);
            let span = Span::new(self.table.base, self.table.base);
            self.table.resolver.error(Code::Suspicious, span, message).help("mend the first ones");
        }
        let named = self.customers.list.len();
        let unnamed = self.sites.iter_mut().filter(|it| it.customer == u32::MAX);
        for (place, site) in unnamed.enumerate() {
            site.customer = to_u32(named + place);
        }
        if self.regions.list.is_empty() {
            self.regions.find_or_add("default");
        }
        let regions = self.regions.list;
        let rules = tier_rules(self.written, &self.tiers.list, &regions, self.table.resolver);
        for (site, _) in self.sites.iter_mut().zip(&self.has_tier).filter(|(_, has)| !**has) {
            site.tier = match self.tiers_are_given {
                true => tier_of(site, &rules, self.tiers.list.len()),
                false => TierId::new(self.tiers.find_or_add("all")),
            };
        }
        if self.tiers.list.is_empty() {
            self.tiers.find_or_add("all");
        }
        Listed {
            customers: to_u32(named + self.unnamed_customers),
            customer_names: self.customers.list,
            sites: self.sites.into(),
            regions,
            tiers: self.tiers.list,
            shards: self.shards,
        }
    }
}

/// The lower median of some numbers.
fn median_or(numbers: impl Iterator<Item = u64>, otherwise: u64) -> u64 {
    let mut numbers: Vec<u64> = numbers.collect();
    numbers.sort_unstable();
    if numbers.is_empty() { otherwise } else { quantile_sorted(&numbers, 0.5) }
}

fn to_u32(number: usize) -> u32 {
    u32::try_from(number).expect("an estate has fewer than 2^32 customers")
}
