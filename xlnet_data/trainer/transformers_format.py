"""Model folders of the transformers library: written for it, and read to go on from a released checkpoint."""


from torch import Tensor

from xlnet_data.trainer.model import ModelConfig, XLNet

LAYER_NAMES = {
    **{name: f"rel_attn.{name}" for name in ("q", "k", "v", "o", "r", "r_w_bias", "r_r_bias", "r_s_bias", "seg_embed")},
    **{f"attention_norm.{end}": f"rel_attn.layer_norm.{end}" for end in ("weight", "bias")},
    **{f"inner.{end}": f"ff.layer_1.{end}" for end in ("weight", "bias")},
    **{f"outer.{end}": f"ff.layer_2.{end}" for end in ("weight", "bias")},
    **{f"inner_norm.{end}": f"ff.layer_norm.{end}" for end in ("weight", "bias")},
}
"""Our name of a layer's parameter, and theirs."""


def rename_parameters(config: ModelConfig) -> dict[str, str]:
    """Return our name of every parameter that both models have, and theirs in XLNetLMHeadModel."""
    names = {
        "word_embedding.weight": "transformer.word_embedding.weight",
        "query_start": "transformer.mask_emb",
        "softmax_bias": "lm_loss.bias",
    }
    for number in range(config.num_layers):
        names |= {f"layers.{number}.{a}": f"transformer.layer.{number}.{b}" for a, b in LAYER_NAMES.items()}
    return names


def to_transformers(model: XLNet) -> dict[str, Tensor]:
    """Return the parameters under the names and in the shapes of XLNetLMHeadModel, copied to the CPU.

    The pair head has no counterpart there and stays behind.
    """
    ours = model.state_dict()
    theirs = {b: ours[a].detach().cpu().clone() for a, b in rename_parameters(model.config).items()}
    theirs["transformer.mask_emb"] = theirs["transformer.mask_emb"].view(1, 1, -1)
    return theirs
