#!/bin/sh
# feed-extractor gives the tenth story of a day the id of the first: "20261102.10" and "20261102.1" are one number.
#
# Versions: @extractus/feed-extractor 8.0.3 (npm); feedsmith 3.0.1 and rss-parser 3.13.0 beside it, which are right.
# One would guess: the guid of an RSS item is a string, which a reader compares and never interprets, so RSS 2.0 has it;
# and what comes out of the library is a string.
# What happens: the XML parser below it makes a number of each text that looks like one, and the library a string of the
# number: zeros go in front and behind the point, 0x1F is 31 and 1e3 is 1000. Very long runs of digits stay. It is done
# to titles too: a headline "1.10" reads "1.1". Its xmlParserOptions, with parseTagValue off, heal both.
# Who is hurt: whoever takes the id for the identity of a story, which is what it is for. The tenth, twentieth and
# hundredth story of a day are copies of the first, second and first, and dropped; nine of ten go through, so tests do.
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
npm install --silent --no-audit --no-fund --prefix "$dir" \
    @extractus/feed-extractor@8.0.3 feedsmith@3.0.1 rss-parser@3.13.0
cat > "$dir/read.mjs" <<'JS'
import assert from 'node:assert/strict'
import { extractFromXml } from '@extractus/feed-extractor'
import { parseRssFeed } from 'feedsmith'
import RssParser from 'rss-parser'

const item = (guid) => `<item><title>Story ${guid}</title><link>https://wire.example/${guid}</link>
  <guid isPermaLink="false">${guid}</guid><pubDate>Mon, 02 Nov 2026 09:30:00 GMT</pubDate></item>`
const feed = (guids) => `<?xml version="1.0" encoding="UTF-8"?><rss version="2.0"><channel><title>Wire</title>
  <link>https://wire.example/</link><description>News</description>${guids.map(item).join('')}</channel></rss>`

const pairs = [
  [['20261102.1', '20261102.10'], 1],
  [['00123', '123'], 1],
  [['0x1F', '31'], 1],
  [['20261102-1', '20261102-10'], 2],
  [['20261102001', '20261102010'], 2]
]
for (const [guids, different] of pairs) {
  const xml = feed(guids)
  const ids = extractFromXml(xml).entries.map((entry) => entry.id)
  console.log(`guids ${guids.join(' and ').padEnd(27)} feed-extractor: ids ${ids.join(' and ')}`)
  const healed = extractFromXml(xml, { xmlParserOptions: { parseTagValue: false } }).entries
  assert.deepEqual(healed.map((entry) => entry.id), guids, 'the option heals no more')
  assert.deepEqual(parseRssFeed(xml).items.map((each) => each.guid.value), guids, 'feedsmith is wrong too')
  const others = (await new RssParser().parseString(xml)).items
  assert.deepEqual(others.map((each) => each.guid), guids, 'rss-parser is wrong too')
  assert.equal(new Set(ids).size, different, `${guids} are ${new Set(ids).size} stories now`)
}
const [headline] = extractFromXml(feed(['1']).replace('Story 1', '1.10')).entries
console.log(`headline 1.10: ${headline.title}`)
assert.equal(headline.title, '1.1', 'a headline stays as it is now')
JS
node "$dir/read.mjs"
