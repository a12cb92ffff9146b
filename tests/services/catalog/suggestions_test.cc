#include "services/catalog/suggestions.h"

#include <gtest/gtest.h>

#include "ports/reference/reference_metadata_store.h"

namespace seshat::catalog {
namespace {

class SuggestionsTest : public ::testing::Test {
 protected:
  void SetUp() override {
    SessionDocument document;
    document.session_id = "s";
    document.version = 1;
    document.metadata.push_back({"operator", metadata::TypeValue("D. Sato")});
    document.metadata.push_back({"rig", metadata::TypeValue("bench-1")});
    ASSERT_TRUE(index_->Upsert(std::span(&document, 1)));
  }

  // The query with the best suggestion in it.
  std::string Best(const std::string& text) {
    const auto found = SuggestionsFor(text, text.size(), 1, settings_, *index_);
    if (!found) return found.error().message;
    return found->suggestions.empty() ? "" : WithSuggestion(text, found->point, found->suggestions.front());
  }

  std::unique_ptr<MetadataStore> index_ = reference::MakeReferenceMetadataStore();
  SearchSettings settings_;
};

TEST_F(SuggestionsTest, ComeFromTheGrammarAndFromTheIndex) {
  EXPECT_EQ(Best("operat"), "operator:");
  EXPECT_EQ(Best("operator:sa"), R"(operator:"D. Sato" )");
  EXPECT_EQ(Best("rig:bench-1 a"), "rig:bench-1 AND ");
  EXPECT_EQ(Best("/regex"), "");
}

TEST_F(SuggestionsTest, SlipsOfThePenStillLeadToAValue) { EXPECT_EQ(Best("rig:bnech-1"), "rig:bench-1 "); }

TEST_F(SuggestionsTest, AliasesAreFieldsToo) {
  settings_.aliases.push_back({"machine", {"rig"}});
  EXPECT_EQ(Best("machi"), "machine:");
  EXPECT_EQ(Best("machine:be"), "machine:bench-1 ");
}

}  // namespace
}  // namespace seshat::catalog
