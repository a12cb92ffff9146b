#include "core/metadata/field_aliases.h"

#include <gtest/gtest.h>

namespace seshat::metadata {
namespace {

using Names = std::vector<std::string>;

TEST(FieldAliases, AGroupIsTheSameFromEveryMember) {
  const FieldAlias groups[] = {{"temperature", {"temp_C", "Temp", "TEMP"}}, {"machine", {"rig"}}};
  const auto aliases = FieldAliases::Make(groups);
  ASSERT_TRUE(aliases);
  const Names temperature{"temp", "temp_c", "temperature"};
  for (const char* name : {"temperature", "Temp_c", "tEMP"}) EXPECT_EQ(aliases->Group(name), temperature);
  EXPECT_EQ(aliases->Group("RIG"), (Names{"machine", "rig"}));
  EXPECT_EQ(aliases->Group("Other"), Names{"other"});
  EXPECT_EQ(FieldAliases{}.Group("Other"), Names{"other"});
}

TEST(FieldAliases, AFieldIsInOneGroup) {
  const FieldAlias twice[] = {{"a", {"b"}}, {"c", {"B"}}};
  const auto aliases = FieldAliases::Make(twice);
  ASSERT_FALSE(aliases);
  EXPECT_EQ(aliases.error().message, "the field 'b' is in two groups of aliases: keep it in one");
  const FieldAlias empty[] = {{"a", {""}}};
  EXPECT_FALSE(FieldAliases::Make(empty));
}

}  // namespace
}  // namespace seshat::metadata
