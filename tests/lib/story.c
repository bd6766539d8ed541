/* One deal by the command line; see story.h. */
#include "tests/lib/story.h"

#include "tests/lib/scratch.h"

void story_begin(struct story *story) {
	*story = (struct story){ .offer = NULL };
	agency_start(&story->agency, 2);
	story->join = scratch_path(story->agency.home, "agency.join");
	story->ops = scratch_path(story->agency.home, "ops");
	story->brand = home_admitted(&story->agency, "brand", "acme-yoga");
	story->creator = home_admitted(&story->agency, "creator", "studio-flow");
}

void story_agree(struct story *story) {
	story->agreement = scratch_path(scratch_folder(), "agreement.note");
	story->offer = said_id(troth("offer", "submit", "examples/gifted.offer", "--home", story->brand, "--yes", NULL));
	story->deal = said_id(troth("deal", "accept", story->offer, "--home", story->creator, "--yes", "--out",
	                            story->agreement, NULL));
}
