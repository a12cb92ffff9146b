// Random session documents and query trees from one seed: for differential tests of metadata stores and for
// the query language. The same seed gives the same things on every machine.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <random>
#include <string>
#include <vector>

#include "core/query/query.h"
#include "core/query/session_document.h"

namespace seshat::testing {

class SearchMaker {
 public:
  // `hostile`: fields and texts made of special characters rather than of the small common vocabulary, so
  // that queries seldom hit but are hard to print and parse.
  explicit SearchMaker(uint64_t seed, bool hostile = false) : engine_(seed), hostile_(hostile) {}

  // In [0, count).
  size_t Below(size_t count) { return static_cast<size_t>(engine_() % count); }
  bool Chance(size_t one_in) { return Below(one_in) == 0; }

  std::string Field();
  std::string ValueText();  // a number, a date, words, signs
  // A tree as ParseQuery makes it.
  Query AnyQuery(int depth = 3);
  // Session `id` at `revision`; started_at often equal between sessions.
  SessionDocument AnyDocument(const std::string& id, uint32_t revision);

 private:
  std::string OneOf(std::initializer_list<const char*> choices);
  std::string Word();
  std::string SomeWords();
  std::string HostileText();
  std::string WithAWord(std::string text);
  std::string WildcardPattern();
  MetadataValue Ordered();
  Query Leaf();
  Query AnyText();

  std::mt19937_64 engine_;
  bool hostile_;
};

}  // namespace seshat::testing
