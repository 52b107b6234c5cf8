# Made by scripts/make-manifests from packaging/homebrew/zkv.rb.
class Zkv < Formula
  desc "Zero-knowledge client for LogMeOnce and Loome Assist"
  homepage "https://github.com/zkvault/zkvault"
  version "@VERSION@"
  license any_of: ["MIT", "Apache-2.0"]

  on_macos do
    depends_on macos: :big_sur

    on_arm do
      url "@BASE@/zkv-@VERSION@-aarch64-apple-darwin.tar.gz"
      sha256 "@SHA256 zkv-@VERSION@-aarch64-apple-darwin.tar.gz@"
    end
    on_intel do
      url "@BASE@/zkv-@VERSION@-x86_64-apple-darwin.tar.gz"
      sha256 "@SHA256 zkv-@VERSION@-x86_64-apple-darwin.tar.gz@"
    end
  end

  on_linux do
    on_arm do
      url "@BASE@/zkv-@VERSION@-aarch64-unknown-linux-musl.tar.gz"
      sha256 "@SHA256 zkv-@VERSION@-aarch64-unknown-linux-musl.tar.gz@"
    end
    on_intel do
      url "@BASE@/zkv-@VERSION@-x86_64-unknown-linux-musl.tar.gz"
      sha256 "@SHA256 zkv-@VERSION@-x86_64-unknown-linux-musl.tar.gz@"
    end
  end

  def install
    bin.install "zkv"
    bash_completion.install "completions/zkv.bash" => "zkv"
    zsh_completion.install "completions/zkv.zsh" => "_zkv"
    fish_completion.install "completions/zkv.fish"
    man1.install Dir["man/*.1"]
    doc.install "README.md", "SECURITY.md", "NOTICE", "zkv.cdx.json"
  end

  # Not needed: zkv unlock starts the agent by itself.
  service do
    run [opt_bin/"zkv", "agent"]
    keep_alive crashed: true
  end

  test do
    assert_equal "zkv #{version}", shell_output("#{bin}/zkv --version").strip
    assert_match "That was it", shell_output("#{bin}/zkv demo --no-pause")
  end
end
