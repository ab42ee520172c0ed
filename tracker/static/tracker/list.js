// The list of pledges, searched in the browser: in the exported site, where no server answers, and on the live
// one, which answers the same without a script (docs/adr/0041). What is searched comes as one JSON
// (public/list_index.py). A function here that says what a Python module does carries its name.
"use strict";

const SPACE = "[\\s\\x1c-\\x1f\\x85]";
const WHITE = new RegExp(SPACE, "gu");
const escaped = (text) => String(text).replace(/[&<>"']/g, (c) => `&#${c.charCodeAt(0)};`);
const filled = (markup, values) => markup.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);

// --- words/folding, words/searching, words/marking ---------------------------------------------------------
class Words {
  constructor(told) {
    this.unseen = new RegExp(told.folding.unseen, "gu");
    const from = [...told.folding.from], to = [...told.folding.to];
    this.became = new Map(from.map((letter, place) => [letter, to[place]]));
    this.letters = new RegExp(`[${from.join("").replace(/[\]\\^-]/g, "\\$&")}]`, "gu");
    this.pattern = new RegExp(told.pattern, "g");
    this.most = told.most_spellings;
    this.groups = new Map(told.groups.flatMap((group) => group.map((each) => [this.fold(each), group])));
    this.ofLetter = new Map();
  }

  fold(text) {
    const plain = text.replace(this.unseen, "").normalize("NFKC").replace(WHITE, "").toLowerCase();
    return plain.replace(this.letters, (letter) => this.became.get(letter)).normalize("NFKC");
  }

  // Each word under all its spellings, and the spellings of the table that it has.
  search(typed) {
    const words = typed.split(new RegExp(`${SPACE}+`, "u")).map((word) => this.fold(word)).filter(Boolean);
    const pieces = new Set(words.flatMap((word) => word.match(this.pattern) || []));
    const also = [...pieces].map((piece) => {
      const group = this.groups.get(piece), own = group.find((each) => this.fold(each) === piece);
      return [own, group.filter((each) => each !== own)];
    });
    return { words: words.map((word) => this.spellings(word)), also };
  }

  spellings(word) {
    const pieces = word.match(this.pattern) || [];
    const ways = word.split(this.pattern).flatMap((between, place) => {
      const piece = pieces[place] ?? "";
      const others = (this.groups.get(piece) || []).map((each) => this.fold(each));
      return [[between], [...new Set([piece, ...others])]];
    });
    const joined = (ends, way) => way.flatMap((each) => ends.map((end) => each + end)).slice(0, this.most);
    return ways.reduceRight(joined, [""]);
  }

  finds(words, folded) {
    return words.every((spellings) => spellings.some((each) => folded.includes(each)));
  }

  // The text as pieces, [text, whether it was looked for].
  marked(text, words) {
    let folded = "", places = [], letters = [];
    for (const character of text) {
      const joins = /[゛゜ﾞﾟ\u3099\u309a]|\p{Mn}/u.test(character) || character.replace(this.unseen, "") === "";
      if (joins && letters.length) letters[letters.length - 1] += character;
      else letters.push(character);
    }
    let start = 0;
    for (const letter of letters) {
      if (!this.ofLetter.has(letter)) this.ofLetter.set(letter, this.fold(letter));
      const own = this.ofLetter.get(letter);
      for (let n = 0; n < own.length; n++) places.push([start, start + letter.length]);
      folded += own;
      start += letter.length;
    }
    if (folded !== this.fold(text)) return [[text, false]];
    const found = new Array(text.length).fill(false);
    for (const spelling of words.flat()) {
      for (let at = folded.indexOf(spelling); spelling && at >= 0; at = folded.indexOf(spelling, at + 1)) {
        found.fill(true, places[at][0], places[at + spelling.length - 1][1]);
      }
    }
    const pieces = [];
    for (let at = 0; at < text.length; at++) {
      if (at && found[at] === found[at - 1]) pieces[pieces.length - 1][0] += text[at];
      else pieces.push([text[at], found[at]]);
    }
    return pieces;
  }

  said(text, words) {
    const folded = this.fold(text);
    return new Set([...words.keys()].filter((n) => words[n].some((spelling) => folded.includes(spelling))));
  }

  tellingSentence(text, words) {
    const all = this.said(text, words);
    if (!all.size) return ["", all];
    const bare = (line) => line.replace(/^・/, "").replace(/^[ \t\r\f\v\u3000\xa0]+/, "");
    let best = "", found = new Set();
    for (const sentence of text.match(/[^。\n]+。?/g).map((each) => bare(each.trim()))) {
      const own = this.said(sentence, words);
      if (own.size > found.size) [best, found] = [sentence, own];
    }
    return found.size ? [best, found] : [bare(text), all];
  }

  shortened(pieces, most = 90) {
    const letters = pieces.flatMap(([text, isFound]) => [...text].map((letter) => [letter, isFound]));
    if (letters.length <= most) return pieces;
    const at = Math.max(0, letters.findIndex(([, isFound]) => isFound));
    const start = Math.max(0, Math.min(at - Math.floor(most / 3), letters.length - most));
    const kept = letters.slice(start, start + most);
    return [...(start ? [["…", false]] : []), ...kept, ...(start + most < letters.length ? [["…", false]] : [])];
  }

  inMarkup(pieces) {
    return pieces.map(([text, isFound]) => (isFound ? `<mark>${escaped(text)}</mark>` : escaped(text)))
      .join("").replaceAll("</mark><mark>", "");
  }
}

// --- What is asked, found and shown ------------------------------------------------------------------------
class List {
  constructor(told) {
    this.told = told;
    this.words = new Words(told);
    this.text = (place) => told.texts[place];
    this.entries = told.entries.map((row) => {
      const [key, pledge, position, rating, facets, ended, carried, changes, marks, departments, excerpt] = row;
      const name = row[12] ?? "";
      const said = [];
      for (let n = 0; n < row[11].length; n += 2) said.push([this.text(row[11][n]), row[11][n + 1]]);
      const texts = [...told.pledges[pledge].slice(6), name, ...said.map(([, text]) => text)];
      const folded = texts.filter(Boolean).map((text) => this.words.fold(text)).join("\n");
      return {
        key, pledge, position, rating, ended, carried, excerpt, said, folded,
        name: name && `　${name}`, facets: this.text(facets),
        changes: this.text(changes), marks: this.text(marks), departments: this.text(departments),
      };
    });
  }

  // The conditions of a query that the form has: {name: [value, …]}, and complaints about the others.
  asked(query, form) {
    const asked = {}, complaints = [], { names, complaints: words, most_characters: most } = this.told;
    for (const name of Object.keys(names)) {
      const fields = [...form.elements].filter((field) => field.name === name);
      let values = query.getAll(name).filter(Boolean);
      if (!fields.length || !values.length) continue;
      const several = fields[0].type === "checkbox";
      if (!several) values = values.slice(-1);
      if (name === "q") {
        const typed = values[0].replace(new RegExp(`^${SPACE}+|${SPACE}+$`, "gu"), "");
        const isLong = [...typed].length > most, isUnusable = /[\0-\x1f]/.test(typed);
        if (isUnusable) complaints.push([name, words.unusable]);
        else if (isLong) complaints.push([name, words.long.replace("%(limit_value)d", most)]);
        else if (this.words.search(typed).words.length) asked.q = [typed];
        continue;
      }
      const known = new Set((several ? fields : [...fields[0].options]).map(({ value }) => value));
      const shown = (value) => words.choice.replace("%(value)s", several ? value.slice(0, 30) : value);
      complaints.push(...values.filter((value) => !known.has(value)).map((value) => [name, shown(value)]));
      values = values.filter((value) => known.has(value));
      if (values.length) asked[name] = values;
    }
    return { asked, complaints: complaints.map(([name, told]) => `${names[name]}：${told}`) };
  }

  place(typed) {
    const named = new RegExp(`^(?:${this.told.place})$`).exec(this.words.fold(typed));
    const numbers = named ? named[1].split("-").map((n) => Math.min(Number(n), this.told.highest)) : [];
    return numbers.filter(Boolean).join("-");
  }

  order(asked) {
    const codes = this.told.order;
    return { best: codes, worst: [...codes].reverse() }[asked.sort?.[0]] || [];
  }

  found(asked) {
    const conditions = [], { facets, changed } = this.told;
    if (asked.q) {
      const { words } = this.words.search(asked.q[0]), place = this.place(asked.q[0]);
      const isAt = (entry) => place && (entry.pledge === place || entry.key === place);
      conditions.push((entry) => this.words.finds(words, entry.folded) || isAt(entry));
    }
    if (asked.field) conditions.push((entry) => this.told.pledges[entry.pledge][0] === Number(asked.field[0]));
    if (asked.pledge_state) {
      const stateOf = ({ pledge }) => this.text(this.told.pledges[pledge][5]);
      conditions.push((entry) => stateOf(entry) === asked.pledge_state[0]);
    }
    if (asked.rating) {
      const codes = new Set(asked.rating.map((code) => (code === "none" ? "" : code)));
      conditions.push((entry) => codes.has(entry.rating));
    }
    for (const [name, letter] of Object.entries(facets)) {
      if (asked[name]) conditions.push((entry) => entry.facets.includes(` ${letter}:${asked[name][0]} `));
    }
    for (const column of new Set((asked.extra || []).map((token) => token.split("-")[0]))) {
      const tokens = asked.extra.filter((token) => token.split("-")[0] === column);
      conditions.push((entry) => tokens.some((token) => entry.facets.includes(` x:${token} `)));
    }
    if (asked.changed_since) conditions.push((entry) => entry.key in changed[asked.changed_since[0]]);
    const found = this.entries.filter((entry) => conditions.every((holds) => holds(entry)));
    const codes = this.order(asked);
    const last = ({ position }) => codes.length + (position ? 0 : 1);
    const placeOf = (entry) => (codes.includes(entry.rating) ? codes.indexOf(entry.rating) : last(entry));
    return codes.length ? found.sort((one, other) => placeOf(one) - placeOf(other)) : found;
  }

  // What a list shows under one heading.
  parts(found, codes) {
    const parts = new Map();
    for (const entry of found) {
      const key = codes.length ? `${entry.pledge} ${entry.rating}` : entry.pledge;
      if (!parts.has(key)) parts.set(key, []);
      parts.get(key).push(entry);
    }
    return [...parts.values()];
  }

  // --- public/pledge_lists ---
  pledgeList(entries, codes, words, changed, department) {
    const { pledges, steps, has_fields: hasFields, bare: [bare, bareHeading] } = this.told, parts = [];
    let place = "", heading = null, pledge = null;
    for (const entry of entries) {
      const [, label, field, whole, below] = pledges[entry.pledge];
      const byField = !codes.length && hasFields;
      const rated = entry.position ? steps[entry.rating] || "評価なし" : bareHeading;
      const title = codes.length ? rated : byField ? this.text(field) : "すべての公約";
      const head = (text) => (byField ? this.marked(text, words) : escaped(text));
      if (title !== heading) {
        parts.push(`<h2 class="listed-heading">${head(title)}</h2>`);
        place = "";
      }
      if (title !== heading || entry.pledge !== pledge) {
        const own = this.text(byField ? below : whole), told = own === place ? "" : own;
        parts.push({
          place: told && `<p class="entry-place">${this.marked(told, words)}</p>`, key: entry.pledge,
          pledge: this.marked(label, words), rows: [],
        });
        [place, heading, pledge] = [own, title, entry.pledge];
      }
      const row = () => filled(this.told.row, this.rowValues(entry, words, changed, department));
      parts[parts.length - 1].rows.push(entry.position ? row() : filled(bare, { words: escaped(entry.excerpt) }));
    }
    const shown = (part) => (part.rows ? filled(this.told.head, { ...part, rows: part.rows.join("\n") }) : part);
    return `<div class="listed">${parts.map(shown).join("\n")}</div>`;
  }

  marked(text, words) {
    return this.words.inMarkup(words.length ? this.words.marked(text, words) : [[text, false]]);
  }

  // `department`: [code, name] of the one that is asked for, which is named where it is not in charge.
  otherDuty(entry, [code, name]) {
    const when = ["past", "next"].find((each) => entry.facets.includes(` ${each}:${code} `));
    return when ? " " + filled(this.told.other_duties[when], { name: escaped(name) }) : "";
  }

  rowValues(entry, words, changed, department) {
    const badges = this.told.badges, mark = changed ? this.text(changed[entry.key]) : entry.changes;
    return {
      badge: badges[entry.rating] ?? badges[""], changes: mark, marks: entry.marks, key: entry.pledge,
      position: entry.position, name: this.marked(entry.name, words),
      departments: entry.departments + (department ? this.otherDuty(entry, department) : ""),
      excerpt: this.sentences(entry, words) || escaped(entry.excerpt),
    };
  }

  sentences(entry, words) {
    let left = words, shown = "", count = 0;
    for (const [when, text] of words.length ? entry.said : []) {
      if (!left.length || count === 2) break;
      const [sentence, found] = this.words.tellingSentence(text, left);
      if (!found.size) continue;
      count += 1;
      left = left.filter((_word, n) => !found.has(n));
      const pieces = this.words.inMarkup(this.words.shortened(this.words.marked(sentence, words)));
      shown += `<span class=entry-when>${escaped(when)}</span> ${pieces} `;
    }
    return shown;
  }

  // --- public/leads ---
  leads(typed) {
    const words = this.words.fold(typed), found = [], { choices, former, pledge_address: pattern } = this.told;
    if (!words) return [];
    const place = this.place(typed);
    if (place in this.told.pledges) {
      found.push([filled(pattern, { key: place }), `公約 ${place}：${this.told.pledges[place][1]}`]);
    }
    const there = this.entries.filter((entry) => `${entry.pledge}-${entry.position}` === place);
    for (const { pledge, position, name } of there) {
      const address = `${filled(pattern, { key: pledge })}#initiative-${position}`;
      found.push([address, `取組 ${place}：${this.told.pledges[pledge][1]}${name}`]);
    }
    const isLong = [...words].length > 1;
    for (const [address, told, names, byPart] of choices) {
      const isCalledSo = names.includes(words) || (byPart && isLong && names.some((each) => each.includes(words)));
      if (isCalledSo) found.push([address, told]);
    }
    if (isLong && !found.some(([, told]) => told.startsWith("担当課"))) {
      found.push(...former.filter(([, , name]) => name.includes(words)));
    }
    const once = new Map(found.map(([address, told]) => [`${address} ${told}`, [address, told]]));
    return [...once.values()].slice(0, 5);
  }

  // What was meant besides its leads.
  nearest(typed, hasMore, leads) {
    const words = typed.split(new RegExp(`${SPACE}+`, "u")).filter(Boolean), asked = [];
    if (hasMore) asked.push([typed, `ほかの条件を外して「${typed}」を探す`]);
    if (words.length > 1) asked.push(...words.map((word) => [word, `「${word}」だけで探す`]));
    let found = this.counted(asked);
    if (!found.length) {
      const parts = words.flatMap((word) => this.partsOf(word));
      found = [...this.alike(typed), ...this.counted(parts.map((part) => [part, `「${part}」で探す`]))];
    }
    const key = ([address, told]) => `${address} ${told}`, led = new Set(leads.map(key));
    return [...new Map(found.map((each) => [key(each), each]))].filter(([name]) => !led.has(name))
      .map(([, each]) => each).slice(0, 5);
  }

  // The choices whose names are written much like the typed words: difflib.get_close_matches.
  alike(typed) {
    const named = new Map(this.told.choices.flatMap(([to, told, names]) => names.map((name) => [name, [to, told]])));
    const words = [...this.words.fold(typed)];
    const ratio = (letters) => (2 * matched(letters, words)) / (letters.length + words.length);
    const scored = [...named.keys()].map((name) => [ratio([...name]), name]);
    return scored.filter(([score]) => score >= 0.6)
      .sort(([one, name], [other, second]) => other - one || (name < second ? 1 : -1))
      .slice(0, 2).map(([, name]) => named.get(name));
  }

  counted(asked) {
    return [...new Map(asked)].map(([typed, told]) => {
      const { words } = this.words.search(typed);
      return [typed, told, this.entries.filter((entry) => this.words.finds(words, entry.folded)).length];
    }).filter(([, , count]) => count).map(([typed, told, count]) => [
      `${this.told.list_address}?${new URLSearchParams({ q: typed })}#results`, `${told}（${count}件）`,
    ]);
  }

  // The words that one is made of and that are said somewhere.
  partsOf(word) {
    const letters = [...word.normalize("NFKC")].slice(0, 20).join("");
    const found = this.told.parts.flatMap(([letter, least]) =>
      (letters.match(new RegExp(`${letter}{${least},}`, "gi")) || []).map((run) => this.said(run, letter)));
    const parts = [...new Set(found)].filter((part) => part && part !== letters);
    return parts.sort((one, other) => other.length - one.length).slice(0, 2);
  }

  // The longest beginning of a run that the texts say as a word of its own.
  said(run, letter) {
    const least = letter === this.told.kanji ? 2 : run.length;
    for (let length = run.length; length >= least; length--) {
      const said = new RegExp(`(?<!${letter})${this.words.fold(run.slice(0, length))}(?!${letter})`);
      if (this.entries.some(({ folded }) => said.test(folded))) return run.slice(0, length);
    }
    return "";
  }
}

// How many letters two texts share in their longest common pieces, one after the other: difflib.SequenceMatcher.
function matched(one, other) {
  let most = 0, at = 0, otherAt = 0, before = [];
  for (let i = 0; i < one.length; i++) {
    const run = [];
    for (let j = 0; j < other.length; j++) {
      if (one[i] !== other[j]) continue;
      run[j] = (before[j - 1] || 0) + 1;
      if (run[j] > most) [most, at, otherAt] = [run[j], i - run[j] + 1, j - run[j] + 1];
    }
    before = run;
  }
  return most && most + matched(one.slice(0, at), other.slice(0, otherAt))
    + matched(one.slice(at + most), other.slice(otherAt + most));
}

// Django's Paginator.get_elided_page_range with two pages on each side, and one at the ends.
function elided(number, last) {
  const range = (from, to) => Array.from({ length: Math.max(0, to - from + 1) }, (_each, n) => from + n);
  if (last <= 6) return range(1, last);
  return [
    ...(number > 5 ? [1, "…", ...range(number - 2, number)] : range(1, number)),
    ...(number < last - 4 ? [...range(number + 1, number + 2), "…", last] : range(number + 1, last)),
  ];
}

// --- templates/public/pledges.html -------------------------------------------------------------------------
class Results {
  constructor(list, form) {
    this.list = list;
    this.form = form;
    this.address = new URL(form.action).pathname;
  }

  // The part below the count, its words and the title of what a query asks for.
  of(query) {
    const { told } = this.list, { asked, complaints } = this.list.asked(query, this.form);
    const found = this.list.found(asked), codes = this.list.order(asked), parts = this.list.parts(found, codes);
    const last = Math.max(1, Math.ceil(parts.length / told.per_page));
    const [number, complaint] = this.page(query.getAll("page").at(-1) || "1", last);
    complaints.push(...complaint);
    const { words, also } = asked.q ? this.list.words.search(asked.q[0]) : { words: [], also: [] };
    const shown = parts.slice((number - 1) * told.per_page, number * told.per_page).flat();
    const chips = this.chips(asked);
    const changed = asked.changed_since && told.changed[asked.changed_since[0]];
    const department = asked.department && [asked.department[0], this.label("department", asked.department[0])];
    const pledges = new Set(found.map((entry) => entry.pledge)).size;
    const initiatives = found.filter((entry) => entry.position).length, bare = found.filter((entry) => !entry.position);
    const ended = bare.filter((entry) => entry.ended).length, waiting = bare.length - ended;
    const without = (waiting ? `このうち${waiting}件には、取組がまだありません。` : "")
      + (ended ? `このうち${ended}件は、取組のないまま終わりました。` : "");
    const pages = last > 1 ? `${last}ページに分けた ${number}ページ目です。` : "";
    const typed = asked.q?.[0] || "", leads = this.list.leads(typed);
    return {
      count: `${told.total}件中 <strong>${initiatives}件</strong>の取組`,
      before: complaints.length ? this.complaints(complaints) : "",
      after: [
        `<p class="support">公約では ${pledges}件です。${without}${pages}</p>`,
        this.notAnew(found),
        asked.changed_since ? told.since[asked.changed_since[0]] : "",
        asked.text?.[0] === "none" && found.some(({ ended, carried }) => ended || carried) ? told.without_report : "",
        asked.sdg ? told.goals : "",
        ...also.map(([own, others]) => `<p class="support">「${escaped(own)}」は、「${
          others.map(escaped).join("」「")}」の書き方でも探しました。</p>`),
        this.leads(leads),
        chips.length ? `<ul class="chips" aria-label="いまの条件">${chips.map(this.chip, this).join("")}</ul>` : "",
        typed && initiatives < told.few ? this.formerTerm(typed) : "",
        shown.length
          ? this.list.pledgeList(shown, codes, words, changed, department) + this.pagination(query, number, last)
          : this.nothing(typed.trim() ? this.list.nearest(typed, chips.length > 1, leads) : []),
      ].join("\n"),
      chips: chips.map(([, told]) => told),
      keys: shown.map((entry) => entry.key),
    };
  }

  // The page that is asked for, or the nearest there is, with a word about it.
  page(asked, last) {
    const { no_number: noNumber, no_page: noPage } = this.list.told, told = [...asked].slice(0, 20).join("");
    if (!/^\s*[+-]?\d{1,4300}\s*$/.test(asked)) return [1, [filled(noNumber, { asked: told })]];
    const number = Number(asked);
    return number >= 1 && number <= last ? [number, []] : [last, [filled(noPage, { asked: told, last })]];
  }

  complaints(told) {
    return `<div class="notice notice-warning" role="status"><h2>読み取れない条件がありました</h2><ul>${
      told.map((words) => `<li>${escaped(words)}</li>`).join("")}</ul></div>`;
  }

  notAnew(found) {
    const note = (kind) => {
      const count = found.filter((entry) => entry.position && entry[kind]).length;
      return count ? filled(this.list.told[kind], { [kind]: count }) : "";
    };
    return note("ended") + note("carried");
  }

  formerTerm(typed) {
    return filled(this.list.told.former_term, { query: new URLSearchParams({ q: typed }), typed: escaped(typed) });
  }

  leads(leads) {
    const links = this.links(leads);
    return leads.length
      ? `<nav class="leads" aria-label="お探しのことばのページ"><p>お探しのものは、こちらですか。</p>${links}</nav>` : "";
  }

  links(leads) {
    return `<ul>${leads.map(([to, told]) => `<li><a href="${escaped(to)}">${escaped(told)}</a></li>`).join("")}</ul>`;
  }

  // What the form calls a condition.
  label(name, value) {
    if (name === "q") return value;
    const isMeant = (field) => field.name === name && (field.options || field.value === value);
    const field = [...this.form.elements].find(isMeant);
    const option = field.options && [...field.options].find((each) => each.value === value);
    return (option || field.closest("label")).textContent.trim();
  }

  chips(asked) {
    const conditions = Object.entries(asked).filter(([name]) => name !== "sort");
    return conditions.flatMap(([name, values]) => values.map((value) => {
      const rest = new URLSearchParams(Object.entries(asked).flatMap(([other, all]) => all
        .filter((each) => other !== name || each !== value).map((each) => [other, each])));
      rest.sort();
      return [this.list.told.names[name], this.label(name, value), String(rest)];
    }));
  }

  chip([name, told, rest]) {
    return `<li><span class="chip-name">${escaped(name)}：</span>${escaped(told)} <a href="${
      escaped(this.address + (rest && `?${rest}`))}#results" aria-label="条件「${
      escaped(`${name}：${told}`)}」を外す">外す</a></li>`;
  }

  pagination(query, number, last) {
    if (last < 2) return "";
    const to = (page) => {
      const own = new URLSearchParams(query);
      own.set("page", page);
      return `href="${escaped(`${this.address}?${own}#results`)}"`;
    };
    const item = (page) => (page === number ? `<span aria-current="page">${page}</span>`
      : page === "…" ? page : `<a ${to(page)} aria-label="${page}ページ">${page}</a>`);
    return `<nav class="pagination" aria-label="ページ"><ul>${
      number > 1 ? `<li><a rel="prev" ${to(number - 1)}>前へ</a></li>` : ""}${
      elided(number, last).map((page) => `<li>${item(page)}</li>`).join("")}${
      number < last ? `<li><a rel="next" ${to(number + 1)}>次へ</a></li>` : ""}</ul></nav>`;
  }

  nothing(nearest) {
    return `<div class="empty"><p>この条件に合う取組はありません。条件をひとつ外すか、<a href="${
      this.address}">すべての取組</a>を見てください。</p>${
      nearest.length ? `<p>近いものがあります。</p>${this.links(nearest)}` : ""}</div>`;
  }
}

// --- The page ----------------------------------------------------------------------------------------------
class ListPage {
  constructor(form, results, told) {
    this.form = form;
    this.results = results;
    this.shown = new Results(new List(told), form);
    this.status = results.querySelector("#results");
    this.at = location.pathname + location.search;
    const nodes = [...results.childNodes];
    this.first = location.search ? null : [location.pathname, nodes, this.status.innerHTML, document.title];
    const chips = [...document.querySelectorAll(".chips li")].length;
    this.title = chips ? document.title.replace(/^(公約と取組)（.*?）(?=（|｜)/, "$1") : document.title;
    this.title = this.title.replace(/^公約と取組(（\d+ページ目）)?/, "");
    form.addEventListener("submit", (event) => this.onSubmit(event));
    results.addEventListener("click", (event) => this.onClick(event));
    addEventListener("popstate", () => this.onPopState());
  }

  // The query in the one spelling that the server gives it, too.
  short(pairs) {
    const query = new URLSearchParams(pairs.filter(([, value]) => value));
    query.sort();
    return query;
  }

  onSubmit(event) {
    event.preventDefault();
    const query = this.short([...new FormData(this.form)]);
    if (String(query)) this.go(query);
    else location.assign(this.shown.address);
  }

  onClick(event) {
    const link = event.target.closest("a[href]");
    if (!link || event.button || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    const to = new URL(link.href);
    if (to.origin !== location.origin || to.pathname !== this.shown.address || !to.search) return;
    event.preventDefault();
    this.go(this.short([...to.searchParams]));
  }

  go(query) {
    history.pushState(null, "", `${this.shown.address}?${query}#results`);
    this.show(query);
    this.status.focus({ preventScroll: true });
    this.status.scrollIntoView();
  }

  onPopState() {
    if (this.at === location.pathname + location.search) return;  // a place on the same page; typed words stay
    const query = new URLSearchParams(location.search);
    if (String(query)) this.show(query);
    else if (this.first?.[0] === location.pathname) this.showFirst();
    else location.reload();
  }

  showFirst() {
    this.fill(new URLSearchParams());
    const [, nodes, count, title] = this.first;
    this.results.replaceChildren(...nodes);
    this.status.innerHTML = count;
    document.title = title;
  }

  show(query) {
    const told = this.shown.of(query);
    this.fill(query);
    while (this.status.previousSibling) this.status.previousSibling.remove();
    while (this.status.nextSibling) this.status.nextSibling.remove();
    this.status.innerHTML = told.count;  // the same element, so that its new words are announced
    this.status.insertAdjacentHTML("beforebegin", told.before);
    this.status.insertAdjacentHTML("afterend", told.after);
    document.title = `公約と取組${told.chips.length ? `（${told.chips.join("・")}）` : ""}${this.title}`;
  }

  // The form says what is shown.
  fill(query) {
    this.at = location.pathname + location.search;
    for (const field of this.form.elements) {
      if (!field.name) continue;
      const values = query.getAll(field.name);
      if (field.type === "checkbox") field.checked = values.includes(field.value);
      else field.value = values.at(-1) ?? "";
      if (field.options && field.selectedIndex < 0) field.value = "";
    }
  }
}

async function begin(script) {
  const form = document.querySelector("form.filters"), results = document.querySelector(".results");
  const answer = await fetch(script.dataset.index);
  if (!answer.ok) return;  // the page stands as it is
  const page = new ListPage(form, results, await answer.json());
  if (form.hidden && location.search) page.show(new URLSearchParams(location.search));
  document.querySelector(".unanswered")?.remove();
  form.hidden = false;
  return page;
}

// A file begins at once; on the live site, which answers itself, whoever does not search loads nothing more.
const script = document.currentScript, searched = document.querySelector("form.filters");
const start = () => { window.listPage ??= begin(script); };
if (searched.hidden) start();
else searched.addEventListener("focusin", start, { once: true });
