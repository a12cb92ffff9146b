// Random things that happen in a lab, with crashes and restarts in between: once it is quiet, the store holds what
// the source holds, and no revision was ever half there.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "services/migration/lab.h"

namespace seshat::testing {
namespace {

void Act(Lab& lab, int action, int session, int file, const std::string& bytes) {
  memory_source::MemorySource& rig = lab.source();
  const std::string directory = "run-" + std::to_string(session);
  const std::string path = directory + "/" + (file == 0 ? "metadata.txt" : "dir/" + std::to_string(file));
  switch (action) {
    case 0:
    case 1:
    case 2:
      rig.Write(path, bytes);
      break;
    case 3:
      rig.Write(path, bytes + std::string(120'000, 'L'));  // a large one, in parts
      break;
    case 4:
      rig.Remove(path);
      break;
    case 5:
      rig.Rename(path, path + "x");
      break;
    case 6:
      rig.SetMode(path, static_cast<uint32_t>(0600 + file));
      break;
    case 7:
      lab.blobs->LoseNextAnswer();
      break;
    case 8:
      lab.Start();
      break;
    case 9:
      rig.MakeSpecial(directory + "/link", EntryKind::kSymlink);
      break;
    default:
      // Time passes, and the agent works.
      lab.Round();
      lab.clock.Advance(std::chrono::seconds(action - 8));
  }
}

TEST(MigrationModel, AfterQuietTheStoreHoldsWhatTheSourceHolds) {
  const bool held = rc::check([] {
    Lab lab;
    lab.AddSource(QuickSpec("rig"));
    const auto steps = *rc::gen::container<std::vector<std::tuple<int, int, int, std::string>>>(
        rc::gen::tuple(rc::gen::inRange(0, 18), rc::gen::inRange(0, 3), rc::gen::inRange(0, 4),
                       rc::gen::container<std::string>(rc::gen::inRange('a', 'e'))));
    for (const auto& [action, session, file, bytes] : steps) Act(lab, action, session, file, bytes);
    lab.Settle(8);

    std::map<std::string, std::map<std::string, std::string>> truth;
    for (const auto& [path, bytes] : lab.source().Files())
      truth[path.substr(0, path.find('/'))][path.substr(path.find('/') + 1)] = bytes;
    size_t revisions = 0;
    for (int session = 0; session < 3; ++session) {
      const std::string id = "run-" + std::to_string(session);
      for (uint32_t revision = 1; const auto manifest = lab.ManifestOf(id, revision); ++revision) ++revisions;
      const auto stored = lab.Stored(id);
      // A session that lost every file keeps the revision that it had.
      if (truth.contains(id)) RC_ASSERT(stored == truth[id]);
    }
    RC_ASSERT(lab.Migrated().size() >= revisions);
    RC_ASSERT(lab.journal->Outbox(1).value().empty());
    RC_ASSERT(lab.blobs->unfinished_puts() == 0U);
  });
  EXPECT_TRUE(held);
}

}  // namespace
}  // namespace seshat::testing
