// The check of tables finds every kind of difference.
#include "views/table_check.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>

namespace seshat::views {
namespace {

namespace bj = boost::json;
using ::testing::ElementsAre;

constexpr Field kInnerFields[] = {{"id", FieldType::kText, ""}};
constexpr Table kInner{"Inner", kInnerFields};
constexpr Field kFields[] = {
    {"name", FieldType::kText, ""},
    {"at", FieldType::kTime, "", Presence::kNullable},
    {"count", FieldType::kNumber, "", Presence::kOptional},
    {"things", FieldType::kObjects, "", Presence::kAlways, &kInner},
};
constexpr Table kTable{"Thing", kFields};

std::vector<std::string> Wrong(const bj::object& object) {
  std::set<std::string> printed;
  return Differences(object, kTable, printed);
}

const bj::object kGood{{"name", "x"}, {"at", nullptr}, {"things", bj::array{bj::object{{"id", "1"}}}}};

bj::object With(std::string_view name, bj::value value) {
  bj::object object = kGood;
  object[name] = std::move(value);
  return object;
}

TEST(TableCheck, FindsNothingWhereAllIsAsTheTableSays) {
  EXPECT_THAT(Wrong(kGood), ElementsAre());
  EXPECT_THAT(Wrong(With("count", 7)), ElementsAre());
  EXPECT_THAT(Wrong(With("at", "2026-11-23T00:00:00Z")), ElementsAre());
}

TEST(TableCheck, FindsWhatDiffers) {
  EXPECT_THAT(Wrong(With("more", 1)), ElementsAre("more is not in the table"));
  EXPECT_THAT(Wrong(With("at", "yesterday")), ElementsAre("at is no time"));
  EXPECT_THAT(Wrong(With("count", nullptr)), ElementsAre("count is no number"));
  EXPECT_THAT(Wrong(With("name", "\xff")), ElementsAre("name is no text"));
  EXPECT_THAT(Wrong(With("things", bj::array{1})), ElementsAre("things is no array"));
  EXPECT_THAT(Wrong(With("things", bj::array{bj::object{}})), ElementsAre("things[].id is not printed"));
  bj::object without = kGood;
  without.erase("name");
  EXPECT_THAT(Wrong(without), ElementsAre("name is not printed"));
}

TEST(TableCheck, NamesAllFields) {
  EXPECT_THAT(AllFields(kTable), ElementsAre("at", "count", "name", "things", "things[].id"));
}

}  // namespace
}  // namespace seshat::views
