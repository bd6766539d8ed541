/* Any text as a file of keys: what is accepted allows what it lists and nothing else, what is refused has a reason. */
#include <assert.h>

#include "broker/allow_list.h"
#include "broker/core.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
	struct allow_list *list = NULL;
	struct failure failure = { 0 };
	enum error error = allow_list_parse("fuzz", slice_of(data, size), &list, &failure);
	if (error != OK) {
		assert(error == ERROR_CONFIG && list == NULL && failure.text[0] != '\0' && failure.line > 0);
		return 0;
	}
	uint8_t key[TRANSPORT_KEY_SIZE] = { 0 };
	assert(!allow_list_allows(list, key, slice_of_text("mmi.service")));
	assert(!allow_list_allows(list, key, slice_of_text("")));
	assert(allow_list_holds(list, key) == (allow_list_name(list, key) != NULL));
	assert(allow_list_size(list) <= size / (TRANSPORT_KEY_SIZE * 2));
	allow_list_free(list);
	return 0;
}
