// What a JSON object of Seshat has inside: a constant table for each thing, from which the documentation of --json and
// the schemas of the HTTP API are made. A test (tests/views) compares every table with what its encoder prints.
//
// Fields may be added to a thing; none is taken away or changes its meaning.
#pragma once

#include <span>
#include <string_view>

namespace seshat::views {

enum class FieldType {
  kText,
  kTime,    // a text: RFC 3339 in UTC
  kNumber,  // integer or not
  kBoolean,
  kObject,   // Field::of says what is in it
  kObjects,  // an array of them
  kTexts,    // an array
  kNumbers,  // an array
  kNamed,    // an object whose members have names of their own
  kAny,      // whatever somebody else has written
};

enum class Presence {
  kAlways,
  kNullable,  // always there, null where nothing is known
  kOptional,  // left out where it makes no sense
};

struct Table;

// In the order in which tables are written.
struct Field {  // NOLINT(clang-analyzer-optin.performance.Padding)
  std::string_view name;
  FieldType type = FieldType::kText;
  std::string_view help;
  Presence presence = Presence::kAlways;
  const Table* of = nullptr;
};

struct Table {
  std::string_view name;  // "Session": what schemas call it
  std::span<const Field> fields;
};

// "text", "time", "number", "boolean", "object", "array" or "any": what JSON has for it.
std::string_view JsonTypeName(FieldType type);

}  // namespace seshat::views
