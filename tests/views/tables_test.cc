// Every table says what its encoder prints: each printed member is in it with its type, each member of it that is not
// optional is printed, and each is printed for some value.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <boost/json.hpp>
#include <functional>

#include "support/generators.h"
#include "views/any_things.h"
#include "views/dead_letters.h"
#include "views/error.h"
#include "views/fields.h"
#include "views/index.h"
#include "views/plan.h"
#include "views/search.h"
#include "views/session.h"
#include "views/status.h"
#include "views/suggestions.h"
#include "views/table_check.h"
#include "views/why.h"

namespace seshat::views {
namespace {

namespace bj = boost::json;

struct Thing {
  const Table& table;
  std::function<bj::object()> any;  // of a generated value
};

const std::vector<Thing>& Things() {
  static const std::vector<Thing> kThings{
      {kAwsSetup, [] { return JsonOf(AnyAwsSetup()); }},
      {kDeadLetterList, [] { return JsonOf(AnyLetters()); }},
      {kError, [] { return JsonOf(AnyError()); }},
      {kFailedFile, [] { return JsonOfFailedFile(*testing::AnyBytes(), AnyError()); }},
      {kFieldList, [] { return JsonOf(AnyFields()); }},
      {kHygiene, [] { return JsonOf(AnyHygiene()); }},
      {kIndexStatus, [] { return JsonOf(AnyIndexStatus()); }},
      {kPlan, [] { return JsonOf(AnyPlan()); }},
      {kRedriven, [] { return JsonOfRedriven(*rc::gen::arbitrary<uint64_t>()); }},
      {kReindexed, [] { return JsonOf(AnyReindexProgress()); }},
      {kReplayed, [] { return JsonOf(AnyReplaySummary()); }},
      {kRun, [] { return JsonOf(AnyRun()); }},
      {kSearchPage, [] { return JsonOf(AnySearchAnswer()); }},
      {kSession,
       [] {
         const SessionDocument document = AnySession();
         return JsonOf(document, StorageFor(document));
       }},
      {kStatus, [] { return JsonOf(AnyStatus()); }},
      {kSuggestionList, [] { return JsonOf(AnySuggestions(), ""); }},
      {kWhy, [] { return JsonOf(AnyWhy()); }},
  };
  return kThings;
}

TEST(Tables, SayWhatIsPrinted) {
  for (const Thing& thing : Things()) {
    std::set<std::string> printed;
    const bool good = rc::check(std::string(thing.table.name), [&] {
      const auto wrong = Differences(thing.any(), thing.table, printed);
      if (!wrong.empty()) RC_FAIL(wrong.front());
    });
    EXPECT_TRUE(good) << thing.table.name;
    EXPECT_EQ(printed, AllFields(thing.table)) << thing.table.name << ": a field that no value has";
  }
}

void CheckHelp(const Table& table) {
  std::set<std::string_view> names;
  for (const Field& field : table.fields) {
    EXPECT_TRUE(names.insert(field.name).second) << table.name << " has two " << field.name;
    EXPECT_FALSE(field.help.empty()) << table.name << "." << field.name;
    const bool holds = field.type == FieldType::kObject || field.type == FieldType::kObjects;
    EXPECT_EQ(field.of != nullptr, holds) << table.name << "." << field.name;
    if (field.of != nullptr) CheckHelp(*field.of);
  }
}

TEST(Tables, ExplainEveryField) {
  for (const Thing& thing : Things()) CheckHelp(thing.table);
}

}  // namespace
}  // namespace seshat::views
