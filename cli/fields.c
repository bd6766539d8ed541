/* troth fields: explains the fields of a kind of note, from the table that also checks them. */
#include "cli/print.h"
#include "cli/command.h"
#include "rules/kind.h"

static void print_field(const struct field *field) {
	struct colours colours = print_colours();
	struct buffer form;
	buffer_init(&form, 1024);
	field_describe(field, &form);
	const char *text = buffer_text(&form);
	(void)printf("\n%s%s%s  (%s%s)\n    %s\n    %s\n", colours.bold, field->key, colours.end,
	             field->least == 0 ? "optional" : "required", field->most > 1 ? ", may repeat" : "", field->help,
	             text == NULL ? "" : text);
	buffer_release(&form);
}

enum error command_fields(const struct invocation *call, struct failure *failure) {
	const char *name = call->count == 0 ? "offer" : call->operands[0];
	const struct kind *kind = kind_find(slice_of_text(name));
	if (kind == NULL) {
		return fail(failure, ERROR_USAGE, "there is no kind of note \"%s\"; see troth fields --help", name);
	}
	(void)printf("%s/v%u: a note that %s.\nThe keys stand in this order; those marked * are added by the command.\n",
	             kind->name, kind->version, kind->help);
	size_t at = 0;
	for (const struct field *field = kind_field(kind, 0); field != NULL; field = kind_field(kind, ++at)) {
		if (field->source == FIELD_FROM_AUTHOR) {
			print_field(field);
		} else {
			(void)printf("\n%s *\n    %s\n", field->key, field->help);
		}
	}
	return OK;
}
