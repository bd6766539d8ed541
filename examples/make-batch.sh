#!/bin/sh
# Makes examples/batch.csv: a thousand offers of one brand, as a spreadsheet would hold them. Always the same bytes.
#
#     sh examples/make-batch.sh >examples/batch.csv
#
# Most give a product; every tenth is paid in USD and every tenth gives both, so that the money which all of them
# reserve together, printed on standard error, must have been attested by an operator first.
set -eu
LC_ALL=C
export LC_ALL

awk '
# The "minimal standard" generator (Park and Miller, 1988): its products fit into a double, so every awk agrees.
function random(limit) {
	seed = (seed * 16807) % 2147483647
	return seed % limit
}

function pick(list, count) { return list[random(count) + 1] }

function quote(cell) {
	if (cell ~ /[",]/) {
		gsub(/"/, "\"\"", cell)
		cell = "\"" cell "\""
	}
	return cell
}

function write_row(cells, count,    i, line) {
	for (i = 1; i <= count; i++) {
		line = line (i == 1 ? "" : ",") quote(cells[i])
	}
	print line
}

BEGIN {
	seed = 20270301
	headings = "campaign compensation product product-value fee agency-fee deliverable brief disclosure" \
		" ship-within review-within revisions post-within live-for pay-within slots closes"
	columns = split(headings, cells, " ")
	write_row(cells, columns)

	campaigns = split("Spring 2027|Summer 2027|Back to the studio|Mat & more, part 2", campaign, "|")
	# A product, its least value in dollars, and how much dearer variants are.
	products = split("Cork yoga mat, 5 mm=89=30|Travel mat, 1.5 mm=49=20|Wool blanket \"Nordic\"=75=40|" \
		"Bolster, round=64=15|Meditation cushion=52=25|Pair of cork blocks=28=10|Cotton strap, 2.4 m=14=6|" \
		"Bottle, 750 ml=32=8|Leggings \"Flow\", high waist=79=30|Yin starter set=149=60|Crème for hands, 50 ml=18=9|" \
		"Acupressure mat=59=20", product, "|")
	colours = split("sand|slate|moss|plum|terracotta|ocean|charcoal", colour, "|")
	kinds = split("1 instagram-reel within 14d|1 instagram-reel within 10d;2 instagram-story within 10d|" \
		"1 tiktok-video within 14d|1 instagram-carousel within 21d|3 ugc-photo within 10d;1 ugc-video within 14d|" \
		"1 youtube-short within 21d|1 blog-post within 30d;1 pinterest-pin within 30d|1 youtube-integration within 45d|" \
		"1 review within 30d|1 instagram-post within 14d;1 instagram-story within 14d", kind, "|")
	briefs = split("Show it in use, outdoors and in daylight.|Say what you like about it, and what you do not.|" \
		"A morning routine of five minutes, in one take.|Mention \"free delivery\", and leave prices out.|" \
		"Before and after: your corner, tidied up for practice.|No filters, no music with lyrics.|" \
		"Tell who it is for, in your own words.|Close-ups of the material, please.|" \
		"Name it \"my mat\", not \"the best mat\".", brief, "|")
	disclosures = split("#ad|#ad;#gifted|#sponsored|Paid partnership;#ad", disclosure, "|")
	deadlines = split("7d|10d|14d", deadline, "|")

	for (row = 1; row <= 1000; row++) {
		paid = row % 10 == 0
		both = row % 10 == 5
		gives_product = !paid
		split(pick(product, products), part, "=")
		value = part[2] + random(part[3])
		fee = (4 + random(9)) * 25
		slots = 1 + random(paid || both ? 3 : 8)
		count = 0
		cells[++count] = pick(campaign, campaigns)
		cells[++count] = paid ? "paid" : both ? "gifted-and-paid" : "gifted"
		cells[++count] = gives_product ? part[1] ", " pick(colour, colours) : ""
		cells[++count] = gives_product ? value ".00 USD" : ""
		cells[++count] = paid || both ? fee ".00 USD" : ""
		cells[++count] = paid || both ? sprintf("%.2f USD", fee / 10) : ""
		cells[++count] = pick(kind, kinds)
		first = random(briefs)
		cells[++count] = brief[first + 1] (random(2) ? ";" brief[(first + 1 + random(briefs - 1)) % briefs + 1] : "")
		cells[++count] = paid || both ? disclosure[3 + random(2)] : disclosure[1 + random(2)]
		cells[++count] = gives_product ? (3 + random(5)) "d" : ""
		cells[++count] = (2 + random(3)) * 24 "h"
		cells[++count] = 1 + random(3)
		cells[++count] = pick(deadline, deadlines)
		cells[++count] = (1 + random(4)) * 30 "d"
		cells[++count] = paid || both ? "30d" : ""
		cells[++count] = slots
		cells[++count] = "+" (2 + random(11)) * 7 "d"
		write_row(cells, columns)
		cents += (paid || both) * slots * fee * 110
	}
	printf "the paid offers reserve %.2f USD\n", cents / 100 >"/dev/stderr"
}'
